CREATE TABLE plan (
  plan_cd varchar(4) PRIMARY KEY,
  plan_nm varchar(30),
  price_mth numeric(6,2),
  max_dev int
);

CREATE TABLE artists (
  artist_id int PRIMARY KEY,
  artist_nm varchar(60),
  origin_ctry char(2),
  debut_yr int
);

CREATE TABLE albums (
  alb_id int PRIMARY KEY,
  alb_title varchar(60),
  artist_id int REFERENCES artists(artist_id),
  rel_dt date,
  alb_kind varchar(4)
);

CREATE TABLE tracks (
  trk_id int PRIMARY KEY,
  trk_title varchar(60),
  alb_id int REFERENCES albums(alb_id),
  dur_ms int,
  explicit boolean,
  isrc varchar(12)
);

CREATE TABLE trk_feat (
  trk_id int REFERENCES tracks(trk_id),
  artist_id int REFERENCES artists(artist_id),
  PRIMARY KEY (trk_id, artist_id)
);

CREATE TABLE listener (
  usr_id varchar(8) PRIMARY KEY,
  handle varchar(30),
  email varchar(60),
  ctry char(2),
  plan_cd varchar(4) REFERENCES plan(plan_cd),
  signup_ts timestamp,
  cancelled_on date,
  birth_yr int
);

CREATE TABLE plays (
  play_id int PRIMARY KEY,
  usr_id varchar(8) REFERENCES listener(usr_id),
  trk_id int REFERENCES tracks(trk_id),
  played_at timestamp,
  ms_played int,
  device varchar(8),
  skipped boolean
);

CREATE TABLE playlist (
  pl_id int PRIMARY KEY,
  owner_id varchar(8) REFERENCES listener(usr_id),
  title varchar(40),
  is_public boolean,
  made_on date
);

CREATE TABLE playlist_items (
  pl_id int REFERENCES playlist(pl_id),
  trk_id int REFERENCES tracks(trk_id),
  pos int,
  added_on date,
  PRIMARY KEY (pl_id, trk_id)
);

INSERT INTO plan (plan_cd, plan_nm, price_mth, max_dev) VALUES
('FREE', 'Free with ads', 0.0, 1),
('STUD', 'Student', 4.99, 1),
('SOLO', 'Solo', 9.99, 3),
('DUO', 'Duo', 12.99, 4),
('FAM', 'Family', 15.99, 6);

INSERT INTO artists (artist_id, artist_nm, origin_ctry, debut_yr) VALUES
(1, 'Neon Harbour', 'SE', 2012),
(2, 'The Paper Kites Club', 'AU', 2009),
(3, 'Lamia Sol', 'ES', 2016),
(4, 'DJ Kwame', 'GH', 2014),
(5, 'Frost & Ember', 'NO', 2018),
(6, 'Old Mill Quartet', 'US', 1987),
(7, 'Saudade Station', 'BR', 2003),
(8, 'lamia noor', 'MA', 2020),
(9, 'Iron Lantern', 'US', 1995),
(10, 'Mirei', 'JP', 2019),
(11, 'Static Bloom', NULL, 2022),
(12, 'Clara Vance', 'GB', 2011),
(13, 'Tin Parade', 'US', 2013);

INSERT INTO albums (alb_id, alb_title, artist_id, rel_dt, alb_kind) VALUES
(501, 'Harbour Lights', 1, '2019-05-17', 'LP'),
(502, 'Night Ferry', 1, '2023-02-10', 'LP'),
(503, 'Folded', 2, '2015-09-04', 'LP'),
(504, 'Sol', 3, '2021-06-21', 'EP'),
(505, 'Accra Nights', 4, '2020-11-13', 'LP'),
(506, 'Kwame Live', 4, '2022-08-05', 'LIVE'),
(507, 'Ember', 5, '2018-12-01', 'EP'),
(508, 'Millstones', 6, '1994-03-08', 'LP'),
(509, 'Estação', 7, '2007-10-26', 'LP'),
(510, 'Ferrous', 9, '2001-01-30', 'LP'),
(511, 'Mirror Rain', 10, '2024-04-19', 'LP'),
(512, 'Vance', 12, '2016-07-15', 'LP'),
(513, 'Acoustic Vance', 12, '2023-11-03', 'LIVE'),
(514, 'First Light', 11, NULL, 'EP'),
(515, 'Best of Lantern', 9, '2012-06-01', 'COMP');

INSERT INTO tracks (trk_id, trk_title, alb_id, dur_ms, explicit, isrc) VALUES
(9000, 'Drift', 501, 319864, false, 'XXB29404'),
(9002, 'Tidal', 501, 291485, true, 'XXB30920'),
(9004, 'Quay Street', 501, 362936, false, 'XXB74206'),
(9006, 'Night Ferry', 502, 261755, false, 'XXA40986'),
(9008, 'Undertow', 502, 355504, true, 'XXA75549'),
(9010, 'Crease', 503, 208297, true, 'XXB24057'),
(9012, 'Paper Moon', 503, 159318, false, 'XXB57713'),
(9014, 'Fold Me', 503, 288402, false, 'XXA39637'),
(9016, 'Sol', 504, 170306, true, 'XXB28416'),
(9018, 'Verano', 504, 359438, false, 'XXB22484'),
(9020, 'Highlife', 505, 296116, false, 'XXA77001'),
(9022, 'Osu Run', 505, 389595, false, 'XXA37399'),
(9024, 'Accra Nights', 505, 166332, true, 'XXA12071'),
(9026, 'Highlife', 506, 288790, false, NULL),
(9028, 'Makola', 506, 235051, true, NULL),
(9030, 'Cinder', 507, 208417, false, 'XXA36919'),
(9032, 'Northern Line', 507, 181625, true, 'XXB77979'),
(9034, 'Mill Race', 508, 305639, false, 'XXB46807'),
(9036, 'Grindstone', 508, 353117, true, 'XXB12778'),
(9038, 'Saudade', 509, 143984, false, 'XXB97186'),
(9040, 'Trem Azul', 509, 245726, true, 'XXB96188'),
(9042, 'Linha 9', 509, 200355, false, 'XXA87445'),
(9044, 'Forge', 510, 351620, false, 'XXB74489'),
(9046, 'Rust', 510, 227811, true, 'XXA18408'),
(9048, 'Anvil', 510, 160822, false, 'XXA35147'),
(9050, 'Rain I', 511, 235504, true, 'XXB86688'),
(9052, 'Rain II', 511, 394155, false, 'XXB80618'),
(9054, 'Umbrella', 511, 355500, false, 'XXA14009'),
(9056, 'Vance', 512, 132421, false, 'XXA95630'),
(9058, 'Letters', 512, 306071, false, 'XXA63600'),
(9060, 'Letters', 513, 352422, false, 'XXA60759'),
(9062, 'Drift', 513, 157759, false, 'XXB65077'),
(9064, 'Dawn', 514, NULL, true, NULL),
(9066, 'Forge', 515, 258084, true, 'XXB34466'),
(9068, 'Rust', 515, 350397, false, 'XXA90627'),
(9070, 'Glass', 514, 129283, false, 'XXB98392');

INSERT INTO trk_feat (trk_id, artist_id) VALUES
(9006, 3),
(9008, 4),
(9018, 7),
(9020, 8),
(9022, 1),
(9026, 8),
(9026, 12),
(9036, 2),
(9050, 4),
(9054, 3),
(9056, 5),
(9060, 2),
(9062, 2);

INSERT INTO listener (usr_id, handle, email, ctry, plan_cd, signup_ts, cancelled_on, birth_yr) VALUES
('u-007', 'maris88', 'maris88@mail.example', 'SE', 'SOLO', '2021-02-03 08:00:00', NULL, 1988),
('u-013', 'LoFiLena', 'lofilena@mail.example', 'DE', 'FREE', '2021-05-02 14:13:00', NULL, 1999),
('u-019', 'beatbox_bo', 'beatbox_bo@mail.example', 'US', 'FAM', '2021-07-29 20:26:00', NULL, 1975),
('u-025', 'tomtom', 'tomtom@mail.example', 'US', 'SOLO', '2021-10-26 02:39:00', CURRENT_DATE - INTERVAL '25 days', 1990),
('u-031', 'ana.p', 'ana.p@mail.example', 'ES', 'STUD', '2022-01-22 08:52:00', '2024-08-31', 2003),
('u-037', 'ZedZedZed', NULL, 'GB', 'FREE', '2022-04-20 15:05:00', NULL, 2001),
('u-043', 'quiet_quinn', 'quiet_quinn@mail.example', 'US', 'DUO', '2022-07-17 21:18:00', NULL, 1985),
('u-049', 'mango', 'mango@mail.example', 'GH', 'FREE', '2022-10-14 03:31:00', NULL, 1997),
('u-055', 'r2dj', 'r2dj@mail.example', 'DE', 'SOLO', '2023-01-10 09:44:00', NULL, 1970),
('u-061', 'SaraSings', 'sarasings@mail.example', 'BR', 'FAM', '2023-04-08 15:57:00', CURRENT_DATE - INTERVAL '74 days', 1994),
('u-067', 'night0wl', 'night0wl@mail.example', 'JP', 'FREE', '2023-07-05 22:10:00', '2025-01-15', 2000),
('u-073', 'hanae', 'hanae@mail.example', 'JP', 'SOLO', '2023-10-02 04:23:00', NULL, 1992),
('u-079', 'pelle', NULL, 'SE', 'DUO', '2023-12-29 10:36:00', NULL, 1981),
('u-085', 'ximena', 'ximena@mail.example', 'ES', 'FREE', '2024-03-26 16:49:00', NULL, 2004),
('u-091', 'grump', 'grump@mail.example', 'US', 'FREE', '2024-06-22 23:02:00', NULL, 1962),
('u-097', 'Mango_Tree', 'mango_tree@mail.example', 'GH', 'SOLO', CURRENT_DATE - INTERVAL '177 days' + INTERVAL '795 minutes', NULL, 1996),
('u-103', 'ivyleaf', 'ivyleaf@mail.example', 'GB', 'STUD', CURRENT_DATE - INTERVAL '142 days' + INTERVAL '812 minutes', NULL, 2002),
('u-109', 'kofi', 'kofi@mail.example', 'GH', 'FREE', CURRENT_DATE - INTERVAL '101 days' + INTERVAL '829 minutes', CURRENT_DATE - INTERVAL '12 days', 1998),
('u-115', 'oldskool', 'oldskool@mail.example', 'US', 'SOLO', CURRENT_DATE - INTERVAL '66 days' + INTERVAL '846 minutes', NULL, 1958),
('u-121', 'newbie1', 'newbie1@mail.example', 'DE', 'FREE', CURRENT_DATE - INTERVAL '40 days' + INTERVAL '863 minutes', NULL, NULL),
('u-127', 'newbie2', 'newbie2@mail.example', 'BR', 'STUD', CURRENT_DATE - INTERVAL '17 days' + INTERVAL '880 minutes', NULL, 2005),
('u-133', 'newbie3', 'newbie3@mail.example', NULL, 'SOLO', CURRENT_DATE - INTERVAL '5 days' + INTERVAL '897 minutes', NULL, 1993);

INSERT INTO plays (play_id, usr_id, trk_id, played_at, ms_played, device, skipped) VALUES
(1, 'u-121', 9020, CURRENT_DATE - INTERVAL '148 days' + INTERVAL '1301 minutes', 296116, 'car', false),
(2, 'u-013', 9020, CURRENT_DATE - INTERVAL '144 days' + INTERVAL '712 minutes', 296116, 'phone', false),
(3, 'u-055', 9026, CURRENT_DATE - INTERVAL '143 days' + INTERVAL '69 minutes', 288790, 'phone', false),
(4, 'u-097', 9024, CURRENT_DATE - INTERVAL '139 days' + INTERVAL '850 minutes', 166332, 'speaker', false),
(5, 'u-115', 9026, CURRENT_DATE - INTERVAL '138 days' + INTERVAL '1271 minutes', 23695, 'web', true),
(6, 'u-043', 9046, CURRENT_DATE - INTERVAL '136 days' + INTERVAL '1185 minutes', 10683, 'phone', true),
(7, 'u-055', 9032, CURRENT_DATE - INTERVAL '135 days' + INTERVAL '1372 minutes', 181625, 'speaker', false),
(8, 'u-121', 9048, CURRENT_DATE - INTERVAL '135 days' + INTERVAL '1268 minutes', 149531, 'car', false),
(9, 'u-103', 9030, CURRENT_DATE - INTERVAL '131 days' + INTERVAL '527 minutes', 208417, 'web', false),
(10, 'u-115', 9032, CURRENT_DATE - INTERVAL '129 days' + INTERVAL '1202 minutes', 181625, 'phone', false),
(11, 'u-043', 9012, CURRENT_DATE - INTERVAL '127 days' + INTERVAL '129 minutes', 154014, 'speaker', false),
(12, 'u-079', 9002, CURRENT_DATE - INTERVAL '126 days' + INTERVAL '78 minutes', 263281, NULL, false),
(13, 'u-097', 9026, CURRENT_DATE - INTERVAL '126 days' + INTERVAL '1040 minutes', 261729, NULL, false),
(14, 'u-115', 9006, CURRENT_DATE - INTERVAL '118 days' + INTERVAL '245 minutes', 261755, 'car', false),
(15, 'u-019', 9068, CURRENT_DATE - INTERVAL '116 days' + INTERVAL '941 minutes', 350397, 'phone', false),
(16, 'u-085', 9028, CURRENT_DATE - INTERVAL '115 days' + INTERVAL '634 minutes', 78902, 'phone', true),
(17, 'u-109', 9014, CURRENT_DATE - INTERVAL '114 days' + INTERVAL '223 minutes', 288402, 'speaker', false),
(18, 'u-049', 9006, CURRENT_DATE - INTERVAL '114 days' + INTERVAL '418 minutes', 253115, 'phone', false),
(19, 'u-115', 9016, CURRENT_DATE - INTERVAL '114 days' + INTERVAL '57 minutes', 51634, 'phone', true),
(20, 'u-115', 9048, CURRENT_DATE - INTERVAL '114 days' + INTERVAL '447 minutes', 21182, 'web', true),
(21, 'u-013', 9062, CURRENT_DATE - INTERVAL '111 days' + INTERVAL '1425 minutes', 37049, 'phone', true),
(22, 'u-103', 9024, CURRENT_DATE - INTERVAL '102 days' + INTERVAL '806 minutes', 152391, 'web', false),
(23, 'u-121', 9002, CURRENT_DATE - INTERVAL '100 days' + INTERVAL '570 minutes', 44951, 'phone', true),
(24, 'u-073', 9018, CURRENT_DATE - INTERVAL '98 days' + INTERVAL '785 minutes', 89029, 'speaker', true),
(25, 'u-013', 9068, CURRENT_DATE - INTERVAL '87 days' + INTERVAL '86 minutes', 332941, 'phone', false),
(26, 'u-097', 9004, CURRENT_DATE - INTERVAL '85 days' + INTERVAL '1012 minutes', 136320, 'car', true),
(27, 'u-073', 9030, CURRENT_DATE - INTERVAL '77 days' + INTERVAL '305 minutes', 66313, NULL, true),
(28, 'u-013', 9050, CURRENT_DATE - INTERVAL '67 days' + INTERVAL '74 minutes', 235504, 'car', false),
(29, 'u-049', 9054, CURRENT_DATE - INTERVAL '64 days' + INTERVAL '1036 minutes', 28142, 'phone', true),
(30, 'u-121', 9026, CURRENT_DATE - INTERVAL '57 days' + INTERVAL '951 minutes', 280687, 'speaker', false),
(31, 'u-043', 9068, CURRENT_DATE - INTERVAL '57 days' + INTERVAL '185 minutes', 330055, 'speaker', false),
(32, 'u-097', 9016, CURRENT_DATE - INTERVAL '56 days' + INTERVAL '8 minutes', 33531, 'car', true),
(33, 'u-007', 9046, CURRENT_DATE - INTERVAL '56 days' + INTERVAL '1292 minutes', 41963, 'car', true),
(34, 'u-061', 9044, CURRENT_DATE - INTERVAL '50 days' + INTERVAL '383 minutes', 43578, 'phone', true),
(35, 'u-043', 9008, CURRENT_DATE - INTERVAL '43 days' + INTERVAL '1275 minutes', 346252, NULL, false),
(36, 'u-103', 9026, CURRENT_DATE - INTERVAL '42 days' + INTERVAL '117 minutes', 23161, 'web', true),
(37, 'u-073', 9036, CURRENT_DATE - INTERVAL '42 days' + INTERVAL '245 minutes', 345219, 'web', false),
(38, 'u-013', 9006, CURRENT_DATE - INTERVAL '40 days' + INTERVAL '1052 minutes', 261755, 'car', false),
(39, 'u-073', 9014, CURRENT_DATE - INTERVAL '39 days' + INTERVAL '445 minutes', 267748, 'phone', false),
(40, 'u-121', 9060, CURRENT_DATE - INTERVAL '37 days' + INTERVAL '1166 minutes', 102445, 'phone', true),
(41, 'u-013', 9054, CURRENT_DATE - INTERVAL '34 days' + INTERVAL '798 minutes', 355500, 'phone', false),
(42, 'u-031', 9040, CURRENT_DATE - INTERVAL '26 days' + INTERVAL '22 minutes', 69138, 'speaker', true),
(43, 'u-007', 9068, CURRENT_DATE - INTERVAL '25 days' + INTERVAL '795 minutes', 320678, 'car', false),
(44, 'u-049', 9046, CURRENT_DATE - INTERVAL '24 days' + INTERVAL '897 minutes', 226817, 'phone', false),
(45, 'u-013', 9062, CURRENT_DATE - INTERVAL '18 days' + INTERVAL '1205 minutes', 153179, 'phone', false),
(46, 'u-115', 9004, CURRENT_DATE - INTERVAL '17 days' + INTERVAL '136 minutes', 354166, NULL, false),
(47, 'u-061', 9010, CURRENT_DATE - INTERVAL '12 days' + INTERVAL '1249 minutes', 208297, 'web', false),
(48, 'u-115', 9064, CURRENT_DATE - INTERVAL '11 days' + INTERVAL '766 minutes', 200000, 'phone', false),
(49, 'u-049', 9018, CURRENT_DATE - INTERVAL '10 days' + INTERVAL '421 minutes', 327030, 'phone', false),
(50, 'u-037', 9050, CURRENT_DATE - INTERVAL '9 days' + INTERVAL '1418 minutes', 223363, 'speaker', false),
(51, 'u-061', 9004, CURRENT_DATE - INTERVAL '5 days' + INTERVAL '122 minutes', 362936, 'web', false),
(52, 'u-097', 9008, CURRENT_DATE - INTERVAL '4 days' + INTERVAL '247 minutes', 325099, 'web', false),
(53, 'u-061', 9010, CURRENT_DATE - INTERVAL '3 days' + INTERVAL '716 minutes', 208297, 'web', false),
(54, 'u-013', 9034, CURRENT_DATE - INTERVAL '3 days' + INTERVAL '915 minutes', 280003, 'phone', false),
(55, 'u-073', 9010, CURRENT_DATE - INTERVAL '2 days' + INTERVAL '1313 minutes', 194008, 'phone', false),
(56, 'u-085', 9058, CURRENT_DATE - INTERVAL '2 days' + INTERVAL '1432 minutes', 306071, 'phone', false),
(57, 'u-121', 9034, CURRENT_DATE - INTERVAL '1 days' + INTERVAL '1166 minutes', 80221, 'web', true);

INSERT INTO playlist (pl_id, owner_id, title, is_public, made_on) VALUES
(71, 'u-007', 'Morning Run', true, '2022-03-01'),
(72, 'u-007', 'secret stash', false, '2023-07-19'),
(73, 'u-019', 'Family Trip', true, '2023-01-05'),
(74, 'u-043', 'Focus', true, '2022-11-11'),
(75, 'u-049', 'Focus', false, '2024-02-02'),
(76, 'u-061', 'Cantos', true, '2024-05-06'),
(77, 'u-097', 'empty for now', true, '2024-09-09'),
(78, 'u-013', 'run run run', true, CURRENT_DATE - INTERVAL '47 days'),
(79, 'u-103', 'Ivy Mix', false, CURRENT_DATE - INTERVAL '19 days'),
(80, 'u-067', 'Late Shift', true, CURRENT_DATE - INTERVAL '80 days');

INSERT INTO playlist_items (pl_id, trk_id, pos, added_on) VALUES
(71, 9024, 1, '2022-03-01'),
(71, 9044, 2, '2022-03-17'),
(71, 9008, 3, '2022-04-18'),
(71, 9054, 4, '2022-03-22'),
(71, 9018, 5, '2022-03-21'),
(71, 9030, 6, '2022-05-15'),
(72, 9064, 1, '2023-07-19'),
(72, 9048, 2, '2023-07-30'),
(72, 9004, 3, '2023-07-23'),
(73, 9014, 1, '2023-01-05'),
(73, 9066, 2, '2023-01-26'),
(73, 9064, 3, '2023-03-20'),
(73, 9062, 4, '2023-01-23'),
(73, 9024, 5, '2023-01-21'),
(73, 9022, 6, '2023-03-26'),
(73, 9040, 7, '2023-05-23'),
(73, 9046, 8, '2023-02-09'),
(74, 9018, 1, '2022-11-11'),
(74, 9012, 2, '2022-11-23'),
(74, 9044, 3, '2022-11-25'),
(74, 9024, 4, '2023-01-31'),
(74, 9022, 5, '2022-12-25'),
(75, 9056, 1, '2024-02-02'),
(75, 9034, 2, '2024-03-04'),
(75, 9040, 3, '2024-04-08'),
(75, 9032, 4, '2024-02-26'),
(76, 9070, 1, '2024-05-06'),
(76, 9000, 2, '2024-05-17'),
(76, 9056, 3, '2024-06-03'),
(76, 9022, 4, '2024-08-31'),
(76, 9068, 5, '2024-08-02'),
(76, 9038, 6, '2024-11-07'),
(76, 9026, 7, '2024-08-04'),
(78, 9018, 1, CURRENT_DATE - INTERVAL '47 days'),
(78, 9048, 2, CURRENT_DATE - INTERVAL '47 days'),
(78, 9020, 3, CURRENT_DATE - INTERVAL '47 days'),
(78, 9010, 4, CURRENT_DATE - INTERVAL '47 days'),
(78, 9014, 5, CURRENT_DATE - INTERVAL '47 days'),
(78, 9030, 6, CURRENT_DATE - INTERVAL '47 days'),
(79, 9050, 1, CURRENT_DATE - INTERVAL '19 days'),
(79, 9004, 2, CURRENT_DATE - INTERVAL '19 days'),
(79, 9038, 3, CURRENT_DATE - INTERVAL '19 days'),
(79, 9058, 4, CURRENT_DATE - INTERVAL '19 days'),
(80, 9052, 1, CURRENT_DATE - INTERVAL '80 days'),
(80, 9026, 2, CURRENT_DATE - INTERVAL '80 days'),
(80, 9016, 3, CURRENT_DATE - INTERVAL '80 days'),
(80, 9036, 4, CURRENT_DATE - INTERVAL '80 days'),
(80, 9018, 5, CURRENT_DATE - INTERVAL '80 days'),
(80, 9032, 6, CURRENT_DATE - INTERVAL '80 days'),
(80, 9002, 7, CURRENT_DATE - INTERVAL '80 days'),
(80, 9054, 8, CURRENT_DATE - INTERVAL '80 days'),
(80, 9034, 9, CURRENT_DATE - INTERVAL '80 days');
