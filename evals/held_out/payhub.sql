CREATE TABLE mcc_ref (
  mcc varchar(4) PRIMARY KEY,
  label varchar(40)
);

CREATE TABLE merchants (
  mid int PRIMARY KEY,
  trade_name varchar(60),
  mcc varchar(4) REFERENCES mcc_ref(mcc),
  city varchar(30),
  onboard_dt date,
  tier varchar(8),
  risk_band varchar(8),
  parent_mid int
);

CREATE TABLE acct_holder (
  holder_id int PRIMARY KEY,
  legal_nm varchar(60),
  email varchar(80),
  country_iso2 char(2),
  kyc_lvl int,
  dob date,
  referred_by int
);

CREATE TABLE wallets (
  wlt_id varchar(12) PRIMARY KEY,
  holder_id int REFERENCES acct_holder(holder_id),
  ccy char(3),
  bal_minor bigint,
  opened_on date,
  state varchar(8)
);

CREATE TABLE txn (
  txn_ref varchar(12) PRIMARY KEY,
  wlt_id varchar(12) REFERENCES wallets(wlt_id),
  mid int REFERENCES merchants(mid),
  kind varchar(4),
  amt numeric(14,2),
  fee numeric(12,2),
  ccy char(3),
  created_ts timestamp,
  settled_ts timestamp,
  st varchar(4),
  decl_rsn varchar(20),
  counter_wlt varchar(12)
);

CREATE TABLE disputes (
  disp_no int PRIMARY KEY,
  txn_ref varchar(12) REFERENCES txn(txn_ref),
  opened_on date,
  closed_on date,
  reason varchar(20),
  result varchar(6)
);

INSERT INTO mcc_ref (mcc, label) VALUES
('5411', 'grocery stores'),
('5812', 'restaurants'),
('4121', 'taxis and ride hailing'),
('5732', 'electronics'),
('7832', 'cinemas'),
('5912', 'pharmacies'),
('8398', 'charities');

INSERT INTO merchants (mid, trade_name, mcc, city, onboard_dt, tier, risk_band, parent_mid) VALUES
(3001, 'Green Basket', '5411', 'Nairobi', '2021-03-15', 'gold', 'low', NULL),
(3002, 'Green Basket Express', '5411', 'Mombasa', '2022-08-01', 'silver', 'low', 3001),
(3003, 'Mama Njeri Kitchen', '5812', 'Nairobi', '2020-11-20', 'silver', 'low', NULL),
(3004, 'Boda Swift', '4121', 'Nairobi', '2023-01-09', 'gold', 'medium', NULL),
(3005, 'VoltHouse', '5732', 'Kisumu', '2022-05-30', 'bronze', 'high', NULL),
(3006, 'VoltHouse Online', '5732', NULL, '2024-02-14', 'silver', 'high', 3005),
(3007, 'Starlight Cinema', '7832', 'Mombasa', '2021-09-10', 'bronze', 'low', NULL),
(3008, 'AfyaPlus', '5912', 'Nairobi', '2019-07-22', 'gold', 'low', NULL),
(3009, 'Tembo Grill', '5812', 'Kisumu', '2023-10-05', 'bronze', 'medium', NULL),
(3010, 'AFYAPLUS Lakeside', '5912', 'Kisumu', '2024-06-18', 'silver', 'low', 3008),
(3011, 'Pixel Bazaar', '5732', 'Nairobi', '2024-09-01', 'bronze', 'medium', NULL),
(3012, 'Cab4U', '4121', 'Mombasa', '2022-12-12', 'bronze', 'high', NULL);

INSERT INTO acct_holder (holder_id, legal_nm, email, country_iso2, kyc_lvl, dob, referred_by) VALUES
(1, 'Wanjiru Kamau', 'w.kamau@post.example', 'KE', 3, '1988-04-12', NULL),
(2, 'Brian Otieno', 'botieno@mail.example', 'KE', 2, '1995-10-30', 1),
(3, 'Aisha Hassan', 'aisha.h@post.example', 'KE', 3, '1979-01-25', NULL),
(4, 'Daniel Mutua', NULL, 'KE', 1, '2001-06-06', 2),
(5, 'Grace Achieng', 'grace@web.example', 'UG', 2, '1992-12-18', 1),
(6, 'Peter Ssali', 'PSSALI@mail.example', 'UG', 1, '1985-03-03', 5),
(7, 'Neema Mushi', 'neema@post.example', 'TZ', 3, '1990-09-09', 3),
(8, 'Juma Bakari', 'juma@web.example', 'TZ', 0, '1999-11-11', NULL),
(9, 'Fatuma Ali', 'fali@mail.example', 'KE', 2, '1968-07-17', 1),
(10, 'Samuel Kiptoo', 'kiptoo@post.example', 'KE', 1, NULL, 9),
(11, 'Ruth Nakato', NULL, 'UG', 0, '2003-02-27', 5),
(12, 'Kevin Odhiambo', 'kevin.o@mail.example', 'KE', 3, '1983-08-21', 2),
(13, 'Zawadi Mwangi', 'zawadi@web.example', 'KE', 2, '1997-05-01', 1),
(14, 'Amina hassan', 'amina@mail.example', 'RW', 1, '1994-04-14', 3),
(15, 'Eric Habimana', 'eric@post.example', 'RW', 2, '1976-12-31', NULL);

INSERT INTO wallets (wlt_id, holder_id, ccy, bal_minor, opened_on, state) VALUES
('W-1100', 1, 'KES', 2605718, '2020-06-01', 'open'),
('W-1111', 1, 'USD', 3747626, '2020-09-06', 'frozen'),
('W-1122', 2, 'KES', 1213670, '2020-12-12', 'open'),
('W-1133', 3, 'KES', 330587, '2021-03-19', 'frozen'),
('W-1144', 4, 'KES', 2206281, '2021-06-24', 'open'),
('W-1155', 5, 'UGX', 150534, '2021-09-29', 'open'),
('W-1166', 5, 'KES', 0, '2022-01-04', 'closed'),
('W-1177', 6, 'UGX', 3207070, '2022-04-11', 'open'),
('W-1188', 7, 'TZS', 3177693, '2022-07-17', 'open'),
('W-1199', 9, 'KES', 839694, '2022-10-22', 'open'),
('W-1210', 10, 'KES', 1175046, '2023-01-27', 'open'),
('W-1221', 11, 'UGX', 1554650, '2023-05-04', 'open'),
('W-1232', 12, 'KES', 2164248, CURRENT_DATE - INTERVAL '142 days', 'open'),
('W-1243', 12, 'USD', 2754679, CURRENT_DATE - INTERVAL '97 days', 'open'),
('W-1254', 13, 'KES', 1930686, CURRENT_DATE - INTERVAL '82 days', 'frozen'),
('W-1265', 14, 'RWF', 2989980, CURRENT_DATE - INTERVAL '35 days', 'open'),
('W-1276', 15, 'RWF', 592590, CURRENT_DATE - INTERVAL '34 days', 'open'),
('W-1287', 15, 'KES', 1889117, CURRENT_DATE - INTERVAL '26 days', 'open'),
('W-1298', 3, 'KES', 0, CURRENT_DATE - INTERVAL '16 days', 'closed');

INSERT INTO txn (txn_ref, wlt_id, mid, kind, amt, fee, ccy, created_ts, settled_ts, st, decl_rsn, counter_wlt) VALUES
('TX1203', 'W-1111', NULL, 'TOP', 8.49, 0.0, 'USD', '2024-11-20 21:41', '2024-11-21 07:41', 'OK', NULL, NULL),
('TX1216', 'W-1287', 3001, 'PAY', 3565.31, 35.65, 'KES', '2024-12-28 13:20', '2024-12-29 13:50', 'OK', NULL, NULL),
('TB1229', 'W-1111', 3011, 'PAY', 21.58, 0.0, 'USD', '2025-01-03 08:37', NULL, 'DECL', 'low_funds', NULL),
('TX1242', 'W-1243', 3010, 'REF', 43.19, 0.0, 'USD', '2025-01-09 17:54', '2025-01-11 18:09', 'OK', NULL, NULL),
('TA1255', 'W-1254', NULL, 'TOP', 9481.79, 0.0, 'KES', '2025-01-18 16:48', '2025-01-19 02:48', 'OK', NULL, NULL),
('TX1268', 'W-1122', 3010, 'PAY', 1054.39, 21.09, 'KES', '2025-01-28 17:06', '2025-01-30 17:21', 'OK', NULL, NULL),
('TB1281', 'W-1265', 3004, 'PAY', 4356.91, 65.35, 'RWF', '2025-02-04 18:53', '2025-02-05 19:23', 'OK', NULL, NULL),
('TB1294', 'W-1243', NULL, 'TOP', 15.12, 0.0, 'USD', '2025-02-13 21:54', '2025-02-15 22:09', 'OK', NULL, NULL),
('TX1307', 'W-1133', NULL, 'P2P', 271.21, 5.42, 'KES', '2025-02-22 11:22', '2025-02-22 11:25', 'OK', NULL, 'W-1144'),
('TX1320', 'W-1243', 3010, 'PAY', 9.45, 0.0, 'USD', '2025-03-01 22:42', NULL, 'DECL', 'low_funds', NULL),
('TX1333', 'W-1188', NULL, 'P2P', 3275.05, 65.5, 'TZS', '2025-03-07 11:18', '2025-03-07 15:38', 'OK', NULL, 'W-1122'),
('TA1346', 'W-1133', 3005, 'PAY', 2974.85, 59.5, 'KES', '2025-03-19 08:43', '2025-03-19 09:53', 'OK', NULL, NULL),
('TX1359', 'W-1199', 3001, 'REF', 4292.91, 0.0, 'KES', '2025-03-30 22:11', '2025-03-31 22:41', 'OK', NULL, NULL),
('TA1372', 'W-1265', 3007, 'PAY', 618.0, 9.27, 'RWF', '2025-04-11 11:06', '2025-04-13 11:21', 'OK', NULL, NULL),
('TB1385', 'W-1232', 3002, 'PAY', 1023.83, 15.36, 'KES', '2025-04-26 10:00', '2025-04-27 10:30', 'OK', NULL, NULL),
('TA1398', 'W-1199', 3005, 'REF', 712.62, 0.0, 'KES', '2025-05-08 10:01', '2025-05-08 10:04', 'OK', NULL, NULL),
('TA1411', 'W-1265', 3001, 'PAY', 18146.73, 0.0, 'RWF', CURRENT_DATE - INTERVAL '118 days' + INTERVAL '852 minutes', NULL, 'DECL', 'limit', NULL),
('TX1424', 'W-1133', NULL, 'TOP', 1932.08, 0.0, 'KES', CURRENT_DATE - INTERVAL '118 days' + INTERVAL '795 minutes', CURRENT_DATE - INTERVAL '118 days' + INTERVAL '798 minutes', 'OK', NULL, NULL),
('TX1437', 'W-1155', 3001, 'PAY', 13048.13, 130.48, 'UGX', CURRENT_DATE - INTERVAL '111 days' + INTERVAL '411 minutes', CURRENT_DATE - INTERVAL '111 days' + INTERVAL '671 minutes', 'OK', NULL, NULL),
('TA1450', 'W-1232', 3002, 'PAY', 124.24, 1.24, 'KES', CURRENT_DATE - INTERVAL '110 days' + INTERVAL '801 minutes', CURRENT_DATE - INTERVAL '108 days' + INTERVAL '816 minutes', 'OK', NULL, NULL),
('TA1463', 'W-1265', 3006, 'PAY', 23287.3, 465.75, 'RWF', CURRENT_DATE - INTERVAL '109 days' + INTERVAL '431 minutes', CURRENT_DATE - INTERVAL '108 days' + INTERVAL '461 minutes', 'OK', NULL, NULL),
('TB1476', 'W-1188', 3005, 'PAY', 9119.12, 182.38, 'TZS', CURRENT_DATE - INTERVAL '108 days' + INTERVAL '1052 minutes', CURRENT_DATE - INTERVAL '108 days' + INTERVAL '1312 minutes', 'OK', NULL, NULL),
('TA1489', 'W-1210', 3006, 'PAY', 506.59, 5.07, 'KES', CURRENT_DATE - INTERVAL '104 days' + INTERVAL '754 minutes', CURRENT_DATE - INTERVAL '104 days' + INTERVAL '757 minutes', 'OK', NULL, NULL),
('TA1502', 'W-1133', 3001, 'PAY', 807.04, 0.0, 'KES', CURRENT_DATE - INTERVAL '99 days' + INTERVAL '683 minutes', NULL, 'DECL', 'low_funds', NULL),
('TA1515', 'W-1122', 3001, 'PAY', 4372.88, 43.73, 'KES', CURRENT_DATE - INTERVAL '99 days' + INTERVAL '754 minutes', CURRENT_DATE - INTERVAL '99 days' + INTERVAL '779 minutes', 'OK', NULL, NULL),
('TX1528', 'W-1155', 3008, 'REF', 125376.3, 0.0, 'UGX', CURRENT_DATE - INTERVAL '98 days' + INTERVAL '851 minutes', CURRENT_DATE - INTERVAL '97 days' + INTERVAL '881 minutes', 'OK', NULL, NULL),
('TB1541', 'W-1188', 3001, 'PAY', 14344.78, 143.45, 'TZS', CURRENT_DATE - INTERVAL '97 days' + INTERVAL '1179 minutes', CURRENT_DATE - INTERVAL '97 days' + INTERVAL '1439 minutes', 'OK', NULL, NULL),
('TB1554', 'W-1210', 3001, 'PAY', 1284.5, 12.85, 'KES', CURRENT_DATE - INTERVAL '83 days' + INTERVAL '798 minutes', CURRENT_DATE - INTERVAL '83 days' + INTERVAL '823 minutes', 'OK', NULL, NULL),
('TA1567', 'W-1100', 3009, 'PAY', 8207.78, 164.16, 'KES', CURRENT_DATE - INTERVAL '81 days' + INTERVAL '816 minutes', CURRENT_DATE - INTERVAL '81 days' + INTERVAL '841 minutes', 'OK', NULL, NULL),
('TB1580', 'W-1210', 3007, 'PAY', 1025.43, 20.51, 'KES', CURRENT_DATE - INTERVAL '81 days' + INTERVAL '1358 minutes', CURRENT_DATE - INTERVAL '81 days' + INTERVAL '1428 minutes', 'OK', NULL, NULL),
('TB1593', 'W-1210', NULL, 'TOP', 10067.21, 0.0, 'KES', CURRENT_DATE - INTERVAL '79 days' + INTERVAL '1072 minutes', CURRENT_DATE - INTERVAL '78 days' + INTERVAL '232 minutes', 'OK', NULL, NULL),
('TB1606', 'W-1133', 3008, 'PAY', 164.16, 3.28, 'KES', CURRENT_DATE - INTERVAL '78 days' + INTERVAL '927 minutes', CURRENT_DATE - INTERVAL '78 days' + INTERVAL '997 minutes', 'OK', NULL, NULL),
('TA1619', 'W-1122', 3007, 'PAY', 522.35, 10.45, 'KES', CURRENT_DATE - INTERVAL '78 days' + INTERVAL '533 minutes', CURRENT_DATE - INTERVAL '78 days' + INTERVAL '603 minutes', 'OK', NULL, NULL),
('TB1632', 'W-1199', NULL, 'P2P', 940.59, 9.41, 'KES', CURRENT_DATE - INTERVAL '77 days' + INTERVAL '834 minutes', CURRENT_DATE - INTERVAL '77 days' + INTERVAL '1434 minutes', 'OK', NULL, 'W-1100'),
('TB1645', 'W-1210', 3004, 'PAY', 218.0, 3.27, 'KES', CURRENT_DATE - INTERVAL '68 days' + INTERVAL '1286 minutes', CURRENT_DATE - INTERVAL '68 days' + INTERVAL '1289 minutes', 'OK', NULL, NULL),
('TA1658', 'W-1100', 3009, 'REF', 727.35, 0.0, 'KES', CURRENT_DATE - INTERVAL '67 days' + INTERVAL '901 minutes', CURRENT_DATE - INTERVAL '67 days' + INTERVAL '971 minutes', 'OK', NULL, NULL),
('TB1671', 'W-1177', NULL, 'P2P', 16958.49, 254.38, 'UGX', CURRENT_DATE - INTERVAL '67 days' + INTERVAL '541 minutes', CURRENT_DATE - INTERVAL '67 days' + INTERVAL '611 minutes', 'OK', NULL, 'W-1144'),
('TX1684', 'W-1177', NULL, 'P2P', 71682.38, 0.0, 'UGX', CURRENT_DATE - INTERVAL '67 days' + INTERVAL '837 minutes', NULL, 'DECL', 'low_funds', 'W-1122'),
('TX1697', 'W-1100', 3006, 'PAY', 10152.4, 101.52, 'KES', CURRENT_DATE - INTERVAL '57 days' + INTERVAL '1002 minutes', CURRENT_DATE - INTERVAL '57 days' + INTERVAL '1027 minutes', 'OK', NULL, NULL),
('TX1710', 'W-1232', 3005, 'PAY', 133.76, 2.01, 'KES', CURRENT_DATE - INTERVAL '53 days' + INTERVAL '836 minutes', CURRENT_DATE - INTERVAL '51 days' + INTERVAL '851 minutes', 'OK', NULL, NULL),
('TA1723', 'W-1243', 3004, 'PAY', 100.11, 1.0, 'USD', CURRENT_DATE - INTERVAL '52 days' + INTERVAL '1379 minutes', CURRENT_DATE - INTERVAL '52 days' + INTERVAL '1404 minutes', 'OK', NULL, NULL),
('TX1736', 'W-1111', 3006, 'PAY', 1.79, 0.03, 'USD', CURRENT_DATE - INTERVAL '50 days' + INTERVAL '418 minutes', CURRENT_DATE - INTERVAL '49 days' + INTERVAL '448 minutes', 'OK', NULL, NULL),
('TB1749', 'W-1111', 3008, 'PAY', 5.27, 0.05, 'USD', CURRENT_DATE - INTERVAL '50 days' + INTERVAL '1186 minutes', CURRENT_DATE - INTERVAL '49 days' + INTERVAL '346 minutes', 'OK', NULL, NULL),
('TB1762', 'W-1144', NULL, 'TOP', 430.38, 0.0, 'KES', CURRENT_DATE - INTERVAL '47 days' + INTERVAL '946 minutes', CURRENT_DATE - INTERVAL '47 days' + INTERVAL '1206 minutes', 'OK', NULL, NULL),
('TA1775', 'W-1188', 3006, 'PAY', 20531.39, 0.0, 'TZS', CURRENT_DATE - INTERVAL '36 days' + INTERVAL '471 minutes', NULL, 'DECL', 'low_funds', NULL),
('TA1788', 'W-1243', 3007, 'PAY', 6.66, 0.07, 'USD', CURRENT_DATE - INTERVAL '26 days' + INTERVAL '415 minutes', CURRENT_DATE - INTERVAL '26 days' + INTERVAL '1015 minutes', 'OK', NULL, NULL),
('TX1801', 'W-1199', 3008, 'PAY', 8212.52, 164.25, 'KES', CURRENT_DATE - INTERVAL '26 days' + INTERVAL '939 minutes', CURRENT_DATE - INTERVAL '26 days' + INTERVAL '1009 minutes', 'OK', NULL, NULL),
('TX1814', 'W-1122', 3001, 'PAY', 321.4, 4.82, 'KES', CURRENT_DATE - INTERVAL '25 days' + INTERVAL '556 minutes', CURRENT_DATE - INTERVAL '23 days' + INTERVAL '571 minutes', 'OK', NULL, NULL),
('TX1827', 'W-1100', NULL, 'P2P', 480.52, 0.0, 'KES', CURRENT_DATE - INTERVAL '17 days' + INTERVAL '878 minutes', NULL, 'DECL', 'limit', 'W-1232'),
('TA1840', 'W-1144', 3003, 'PAY', 470.51, 9.41, 'KES', CURRENT_DATE - INTERVAL '16 days' + INTERVAL '762 minutes', CURRENT_DATE - INTERVAL '16 days' + INTERVAL '787 minutes', 'OK', NULL, NULL),
('TA1853', 'W-1122', NULL, 'P2P', 200.38, 4.01, 'KES', CURRENT_DATE - INTERVAL '12 days' + INTERVAL '1077 minutes', CURRENT_DATE - INTERVAL '12 days' + INTERVAL '1147 minutes', 'OK', NULL, 'W-1232'),
('TA1866', 'W-1254', 3007, 'PAY', 68.75, 1.38, 'KES', CURRENT_DATE - INTERVAL '11 days' + INTERVAL '424 minutes', NULL, 'PEND', NULL, NULL),
('TA1879', 'W-1188', 3011, 'PAY', 118585.96, 1778.79, 'TZS', CURRENT_DATE - INTERVAL '10 days' + INTERVAL '510 minutes', CURRENT_DATE - INTERVAL '10 days' + INTERVAL '580 minutes', 'OK', NULL, NULL),
('TA1892', 'W-1133', 3003, 'PAY', 177.63, 0.0, 'KES', CURRENT_DATE - INTERVAL '10 days' + INTERVAL '1338 minutes', NULL, 'DECL', 'low_funds', NULL),
('TX1905', 'W-1100', NULL, 'P2P', 634.15, 9.51, 'KES', CURRENT_DATE - INTERVAL '5 days' + INTERVAL '1222 minutes', CURRENT_DATE - INTERVAL '5 days' + INTERVAL '1292 minutes', 'OK', NULL, 'W-1122'),
('TA1918', 'W-1100', NULL, 'P2P', 293.03, 2.93, 'KES', CURRENT_DATE - INTERVAL '5 days' + INTERVAL '485 minutes', CURRENT_DATE - INTERVAL '4 days' + INTERVAL '515 minutes', 'OK', NULL, 'W-1144'),
('TB1931', 'W-1100', 3010, 'PAY', 662.34, 9.94, 'KES', CURRENT_DATE - INTERVAL '4 days' + INTERVAL '1153 minutes', CURRENT_DATE - INTERVAL '4 days' + INTERVAL '1223 minutes', 'OK', NULL, NULL),
('TB1944', 'W-1199', 3009, 'PAY', 9421.62, 0.0, 'KES', CURRENT_DATE - INTERVAL '2 days' + INTERVAL '804 minutes', NULL, 'DECL', 'low_funds', NULL),
('TB1957', 'W-1133', 3009, 'REF', 4445.21, 0.0, 'KES', CURRENT_DATE - INTERVAL '2 days' + INTERVAL '424 minutes', CURRENT_DATE - INTERVAL '2 days' + INTERVAL '684 minutes', 'OK', NULL, NULL),
('TA1970', 'W-1122', 3001, 'PAY', 2124.14, 0.0, 'KES', CURRENT_DATE - INTERVAL '2 days' + INTERVAL '1040 minutes', NULL, 'DECL', 'low_funds', NULL);

INSERT INTO disputes (disp_no, txn_ref, opened_on, closed_on, reason, result) VALUES
(900, 'TB1606', CURRENT_DATE - INTERVAL '74 days', CURRENT_DATE - INTERVAL '66 days', 'duplicate', 'lost'),
(903, 'TB1541', CURRENT_DATE - INTERVAL '94 days', CURRENT_DATE - INTERVAL '87 days', 'quality', 'lost'),
(906, 'TA1840', CURRENT_DATE - INTERVAL '12 days', NULL, 'not_received', NULL),
(909, 'TA1372', '2025-04-12', '2025-04-16', 'quality', 'lost'),
(912, 'TA1723', CURRENT_DATE - INTERVAL '49 days', NULL, 'not_received', NULL),
(915, 'TX1216', '2025-01-04', '2025-01-23', 'duplicate', 'lost'),
(918, 'TA1346', '2025-03-22', '2025-04-06', 'quality', 'lost'),
(921, 'TX1710', CURRENT_DATE - INTERVAL '47 days', NULL, 'not_received', NULL),
(924, 'TA1879', CURRENT_DATE - INTERVAL '4 days', NULL, 'not_received', NULL),
(927, 'TX1437', CURRENT_DATE - INTERVAL '108 days', CURRENT_DATE - INTERVAL '94 days', 'not_received', 'lost'),
(930, 'TB1385', '2025-05-01', '2025-05-17', 'duplicate', 'won'),
(933, 'TB1554', CURRENT_DATE - INTERVAL '76 days', CURRENT_DATE - INTERVAL '68 days', 'not_received', 'lost'),
(936, 'TB1281', '2025-02-09', '2025-02-17', 'fraud', 'won'),
(939, 'TX1268', '2025-01-29', '2025-02-04', 'not_received', 'lost');
