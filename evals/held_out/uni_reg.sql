CREATE TABLE dept (
  dept_cd char(3) PRIMARY KEY,
  dept_nm varchar(40),
  college varchar(30)
);

CREATE TABLE instructors (
  instr_id char(3) PRIMARY KEY,
  nm varchar(60),
  dept_cd char(3) REFERENCES dept(dept_cd),
  rnk varchar(6),
  hired date
);

CREATE TABLE courses (
  crs_cd varchar(8) PRIMARY KEY,
  title varchar(60),
  dept_cd char(3) REFERENCES dept(dept_cd),
  credits int
);

CREATE TABLE prereq (
  crs_cd varchar(8) REFERENCES courses(crs_cd),
  req_crs_cd varchar(8) REFERENCES courses(crs_cd),
  PRIMARY KEY (crs_cd, req_crs_cd)
);

CREATE TABLE terms (
  term_cd varchar(6) PRIMARY KEY,
  start_dt date,
  end_dt date
);

CREATE TABLE sections (
  sec_id int PRIMARY KEY,
  crs_cd varchar(8) REFERENCES courses(crs_cd),
  term_cd varchar(6) REFERENCES terms(term_cd),
  instr_id char(3) REFERENCES instructors(instr_id),
  cap int,
  room varchar(8),
  days varchar(5)
);

CREATE TABLE student (
  stu_id int PRIMARY KEY,
  first_nm varchar(40),
  last_nm varchar(40),
  email varchar(80),
  entry_term varchar(6) REFERENCES terms(term_cd),
  major_cd char(3) REFERENCES dept(dept_cd),
  birth_dt date,
  stat char(3)
);

CREATE TABLE enrol (
  stu_id int REFERENCES student(stu_id),
  sec_id int REFERENCES sections(sec_id),
  enrol_ts timestamp,
  grade varchar(2),
  status varchar(10),
  PRIMARY KEY (stu_id, sec_id)
);

CREATE TABLE holds (
  hold_id int PRIMARY KEY,
  stu_id int REFERENCES student(stu_id),
  hold_type varchar(16),
  placed_on date,
  released_on date,
  due_usd numeric(10,2)
);

INSERT INTO dept (dept_cd, dept_nm, college) VALUES
('CSC', 'Computer Science', 'Engineering'),
('EEN', 'Electrical Engineering', 'Engineering'),
('MAT', 'Mathematics', 'Science'),
('BIO', 'Biology', 'Science'),
('HIS', 'History', 'Humanities'),
('PHI', 'Philosophy', 'Humanities'),
('MUS', 'Music', 'Arts');

INSERT INTO instructors (instr_id, nm, dept_cd, rnk, hired) VALUES
('I01', 'Prof. Lena Abramova', 'CSC', 'full', '2003-09-01'),
('I02', 'Prof. David Osei', 'MAT', 'full', '1999-08-15'),
('I03', 'Dr. Mei-Ling Chen', 'CSC', 'assoc', '2014-01-10'),
('I04', 'Dr. Patrick Doyle', 'HIS', 'assoc', '2011-09-01'),
('I05', 'Dr. Sara Lindholm', 'BIO', 'asst', '2020-09-01'),
('I06', 'Dr. Victor Hugo Reyes', 'EEN', 'asst', '2021-01-15'),
('I07', 'Ms. Joan Doyle', 'PHI', 'adj', '2022-09-01'),
('I08', 'Dr. Imran Qureshi', 'MAT', 'asst', '2018-09-01'),
('I09', 'Mr. Karl Voss', 'CSC', 'adj', NULL),
('I10', 'Prof. Ngozi Eze', 'BIO', 'full', '2006-01-09'),
('I11', 'Dr. Anna Falk', 'MUS', 'assoc', '2016-09-01');

INSERT INTO courses (crs_cd, title, dept_cd, credits) VALUES
('CSC101', 'Programming I', 'CSC', 4),
('CSC201', 'Data Structures', 'CSC', 4),
('CSC310', 'Databases', 'CSC', 3),
('CSC420', 'Distributed Systems', 'CSC', 3),
('MAT110', 'Calculus I', 'MAT', 4),
('MAT210', 'Linear Algebra', 'MAT', 3),
('MAT330', 'Probability', 'MAT', 3),
('EEN150', 'Circuits', 'EEN', 4),
('BIO105', 'Cell Biology', 'BIO', 4),
('BIO240', 'Genetics', 'BIO', 3),
('HIS120', 'Medieval Europe', 'HIS', 3),
('PHI100', 'Logic', 'PHI', 2),
('PHI220', 'Ethics', 'PHI', 3),
('MUS101', 'Music Theory', 'MUS', 2),
('CSC499', 'Thesis Project', 'CSC', 6);

INSERT INTO prereq (crs_cd, req_crs_cd) VALUES
('CSC201', 'CSC101'),
('CSC310', 'CSC201'),
('CSC420', 'CSC201'),
('CSC420', 'MAT330'),
('MAT210', 'MAT110'),
('MAT330', 'MAT110'),
('EEN150', 'MAT110'),
('BIO240', 'BIO105'),
('CSC499', 'CSC310'),
('CSC499', 'CSC420'),
('PHI220', 'PHI100');

INSERT INTO terms (term_cd, start_dt, end_dt) VALUES
('2023FA', '2023-09-04', '2023-12-20'),
('2024SP', '2024-01-22', '2024-05-17'),
('2024SU', '2024-06-10', '2024-08-02'),
('2024FA', '2024-09-02', '2024-12-19'),
('2025SP', '2025-01-20', '2025-05-16');

INSERT INTO sections (sec_id, crs_cd, term_cd, instr_id, cap, room, days) VALUES
(201, 'CSC101', '2023FA', 'I03', 8, 'B-004', 'TR'),
(202, 'MAT110', '2023FA', 'I08', 7, 'B-004', 'TR'),
(203, 'BIO105', '2023FA', 'I10', 7, 'B-115', 'MWF'),
(204, 'HIS120', '2023FA', 'I04', 8, 'C-300', 'MWF'),
(205, 'PHI100', '2023FA', 'I07', 9, NULL, 'TR'),
(206, 'CSC201', '2024SP', 'I03', 8, 'B-115', 'F'),
(207, 'MAT210', '2024SP', 'I02', 8, 'C-300', 'MW'),
(208, 'BIO240', '2024SP', 'I10', 6, 'A-210', 'F'),
(209, 'HIS120', '2024SP', 'I04', 11, 'C-300', 'TR'),
(210, 'CSC101', '2024SP', 'I03', 11, 'A-101', 'F'),
(211, 'MUS101', '2024SP', NULL, 6, 'B-004', 'MWF'),
(212, 'PHI100', '2024SU', 'I07', 11, 'B-004', 'TR'),
(213, 'MAT110', '2024SU', 'I02', 11, 'B-004', 'MW'),
(214, 'CSC101', '2024FA', 'I09', 6, 'A-101', 'TR'),
(215, 'CSC310', '2024FA', 'I01', 8, 'A-101', 'MWF'),
(216, 'MAT330', '2024FA', 'I02', 11, NULL, 'F'),
(217, 'EEN150', '2024FA', 'I06', 11, NULL, 'MW'),
(218, 'BIO105', '2024FA', 'I05', 9, 'A-101', 'TR'),
(219, 'PHI220', '2024FA', 'I07', 9, NULL, 'MWF'),
(220, 'CSC201', '2024FA', 'I03', 6, 'B-115', 'TR'),
(221, 'CSC420', '2025SP', 'I09', 6, 'B-115', 'F'),
(222, 'CSC201', '2025SP', 'I03', 5, 'B-115', 'MW'),
(223, 'MAT110', '2025SP', 'I02', 6, 'B-115', 'MW'),
(224, 'MUS101', '2025SP', NULL, 5, NULL, 'TR'),
(225, 'PHI100', '2025SP', 'I07', 6, 'C-300', 'TR'),
(226, 'BIO240', '2025SP', 'I05', 11, 'C-300', 'TR');

INSERT INTO student (stu_id, first_nm, last_nm, email, entry_term, major_cd, birth_dt, stat) VALUES
(20101, 'Alice', 'Nguyen', 'alice.nguyen@uni.example', '2023FA', 'CSC', '2001-02-03', 'ENR'),
(20105, 'Bekele', 'Tesfaye', 'bekele.tesfaye@uni.example', '2023FA', 'BIO', '2001-09-02', 'ENR'),
(20109, 'Carmen', 'Lopez', 'carmen.lopez@uni.example', '2023FA', 'CSC', '2002-04-01', 'GRD'),
(20113, 'Dmitri', 'Ivanov', 'dmitri.ivanov@uni.example', '2023FA', 'MAT', '2002-10-29', 'ENR'),
(20117, 'Esther', 'Mensah', NULL, '2023FA', 'HIS', '2003-05-28', 'WDN'),
(20121, 'Farid', 'Karimi', 'farid.karimi@uni.example', '2023FA', 'EEN', '2003-12-25', 'ENR'),
(20125, 'Gita', 'Patel', 'gita.patel@uni.example', '2023FA', 'CSC', '2004-07-23', 'ENR'),
(20129, 'Hugo', 'Nguyen', 'hugo.nguyen@uni.example', '2023FA', 'BIO', '2005-02-19', 'ENR'),
(20133, 'Ines', 'Costa', 'ines.costa@uni.example', '2023FA', 'PHI', '2005-09-18', 'LOA'),
(20137, 'Jakob', 'Weber', 'jakob.weber@uni.example', '2024SP', 'MAT', '2006-04-17', 'ENR'),
(20141, 'Keiko', 'Mori', 'keiko.mori@uni.example', '2024SP', 'CSC', '2001-09-01', 'ENR'),
(20145, 'Luca', 'Ricci', 'luca.ricci@uni.example', '2024SP', NULL, '2002-03-31', 'ENR'),
(20149, 'Marta', 'lopez', 'marta.lopez@uni.example', '2024SP', 'BIO', '2002-10-28', 'WDN'),
(20153, 'Nils', 'Eriksen', 'nils.eriksen@uni.example', '2024FA', 'CSC', '2003-05-27', 'ENR'),
(20157, 'Oksana', 'Bondar', 'oksana.bondar@uni.example', '2024FA', 'HIS', '2003-12-24', 'ENR'),
(20161, 'Pablo', 'Lopez-Vega', 'pablo.lopez-vega@uni.example', '2024FA', 'EEN', '2004-07-22', 'LOA'),
(20165, 'Qian', 'Wu', 'qian.wu@uni.example', '2024FA', 'CSC', '2005-02-18', 'ENR'),
(20169, 'Rosa', 'Costa', 'rosa.costa@uni.example', '2024FA', 'MAT', '2005-09-17', 'ENR'),
(20173, 'Stefan', 'Weber', NULL, '2024FA', NULL, '2006-04-16', 'ENR'),
(20177, 'Tariq', 'Aziz', 'tariq.aziz@uni.example', '2024FA', 'CSC', '2001-08-31', 'ENR'),
(20181, 'Una', 'Byrne', 'una.byrne@uni.example', '2025SP', 'PHI', '2002-03-30', 'ENR'),
(20185, 'Viktor', 'Sokol', 'viktor.sokol@uni.example', '2025SP', 'BIO', '2002-10-27', 'ENR'),
(20189, 'Wendy', 'Clarke', 'wendy.clarke@uni.example', '2025SP', 'EEN', '2003-05-26', 'ENR'),
(20193, 'Xavier', 'Durand', 'xavier.durand@uni.example', '2025SP', 'CSC', '2003-12-23', 'ENR');

INSERT INTO enrol (stu_id, sec_id, enrol_ts, grade, status) VALUES
(20101, 202, '2023-09-01 09:41:00', NULL, 'dropped'),
(20101, 207, '2023-12-15 10:38:00', 'A', 'ok'),
(20101, 209, '2024-01-20 15:24:00', 'F', 'ok'),
(20101, 212, '2024-05-18 09:27:00', 'A-', 'ok'),
(20101, 214, '2024-08-23 13:37:00', 'C+', 'ok'),
(20105, 201, '2023-08-22 17:46:00', 'B', 'ok'),
(20105, 207, '2024-01-15 13:52:00', 'C', 'ok'),
(20105, 208, '2024-01-20 19:47:00', 'B', 'ok'),
(20105, 217, '2024-08-02 09:37:00', 'B-', 'ok'),
(20109, 201, '2023-08-31 15:15:00', 'B', 'ok'),
(20109, 205, '2023-08-13 21:22:00', 'C', 'ok'),
(20109, 217, '2024-08-27 08:36:00', 'A', 'ok'),
(20109, 223, '2025-01-07 11:02:00', NULL, 'waitlist'),
(20113, 202, '2023-08-12 08:30:00', 'D', 'ok'),
(20113, 210, '2023-12-30 09:06:00', 'C', 'ok'),
(20117, 204, '2023-08-04 18:33:00', NULL, 'waitlist'),
(20117, 207, '2024-01-19 15:22:00', 'A', 'ok'),
(20117, 210, '2023-12-25 09:57:00', 'F', 'ok'),
(20117, 217, '2024-08-15 10:31:00', 'F', 'ok'),
(20121, 202, '2023-08-10 09:56:00', 'B+', 'ok'),
(20125, 201, '2023-08-28 17:52:00', 'B+', 'ok'),
(20125, 215, '2024-08-06 19:55:00', 'B-', 'ok'),
(20125, 218, '2024-08-17 13:15:00', 'F', 'ok'),
(20125, 222, '2025-01-08 20:30:00', NULL, 'ok'),
(20129, 202, '2023-08-05 19:43:00', 'A', 'ok'),
(20129, 203, '2023-08-15 16:10:00', 'B+', 'ok'),
(20133, 201, '2023-08-25 19:09:00', 'B-', 'ok'),
(20133, 202, '2023-08-20 20:49:00', 'C', 'ok'),
(20133, 206, '2024-01-07 15:51:00', 'B', 'ok'),
(20133, 215, '2024-08-26 12:07:00', 'A', 'ok'),
(20137, 210, '2024-01-17 14:04:00', 'B-', 'ok'),
(20137, 214, '2024-08-10 09:48:00', 'B-', 'ok'),
(20137, 215, '2024-08-02 13:00:00', 'D', 'ok'),
(20141, 206, '2023-12-17 20:06:00', 'B-', 'ok'),
(20141, 217, '2024-07-28 21:03:00', 'F', 'ok'),
(20141, 220, '2024-07-25 14:25:00', 'A-', 'ok'),
(20141, 221, '2024-12-15 16:57:00', NULL, 'ok'),
(20141, 226, '2025-01-14 13:58:00', NULL, 'ok'),
(20145, 215, '2024-08-24 19:59:00', 'B+', 'ok'),
(20145, 222, '2024-12-13 10:31:00', 'D', 'ok'),
(20145, 225, '2024-12-22 09:13:00', NULL, 'waitlist'),
(20149, 215, '2024-08-13 09:06:00', NULL, 'dropped'),
(20153, 217, '2024-07-26 15:13:00', 'D', 'ok'),
(20153, 220, '2024-08-28 21:24:00', 'B+', 'ok'),
(20153, 222, '2025-01-17 11:18:00', 'F', 'ok'),
(20153, 225, '2025-01-11 13:40:00', NULL, 'ok'),
(20153, 226, '2024-12-20 09:52:00', 'D', 'ok'),
(20157, 217, '2024-08-31 13:11:00', 'A-', 'ok'),
(20157, 222, '2024-12-29 18:41:00', 'A', 'ok'),
(20165, 221, '2024-12-16 20:22:00', NULL, 'ok'),
(20165, 226, '2024-12-23 17:46:00', 'A', 'ok'),
(20169, 218, '2024-08-02 10:29:00', 'A', 'ok'),
(20173, 215, '2024-08-07 11:28:00', 'B-', 'ok'),
(20173, 221, '2024-12-29 18:09:00', 'B-', 'ok'),
(20173, 225, '2024-12-21 12:55:00', NULL, 'dropped'),
(20177, 221, '2025-01-11 16:23:00', NULL, 'dropped'),
(20177, 222, '2025-01-02 21:06:00', 'F', 'ok'),
(20177, 226, '2024-12-15 15:35:00', NULL, 'ok'),
(20185, 223, '2025-01-11 18:32:00', NULL, 'ok'),
(20193, 225, '2024-12-20 17:43:00', 'B+', 'ok');

INSERT INTO holds (hold_id, stu_id, hold_type, placed_on, released_on, due_usd) VALUES
(1, 20157, 'library', CURRENT_DATE - INTERVAL '3 days', NULL, 1450.0),
(2, 20129, 'tuition', CURRENT_DATE - INTERVAL '5 days', NULL, 316.2),
(3, 20113, 'tuition', CURRENT_DATE - INTERVAL '9 days', CURRENT_DATE - INTERVAL '5 days', 88.4),
(4, 20169, 'immunization', CURRENT_DATE - INTERVAL '17 days', CURRENT_DATE - INTERVAL '5 days', NULL),
(5, 20129, 'library', CURRENT_DATE - INTERVAL '25 days', NULL, 1566.0),
(6, 20129, 'tuition', CURRENT_DATE - INTERVAL '38 days', CURRENT_DATE - INTERVAL '12 days', 341.0),
(7, 20161, 'advising', CURRENT_DATE - INTERVAL '42 days', CURRENT_DATE - INTERVAL '26 days', NULL),
(8, 20125, 'tuition', CURRENT_DATE - INTERVAL '55 days', NULL, 14.25),
(9, 20145, 'library', CURRENT_DATE - INTERVAL '66 days', CURRENT_DATE - INTERVAL '47 days', 1682.0),
(10, 20149, 'tuition', CURRENT_DATE - INTERVAL '84 days', CURRENT_DATE - INTERVAL '82 days', 1711.0),
(11, 20105, 'advising', CURRENT_DATE - INTERVAL '100 days', CURRENT_DATE - INTERVAL '87 days', NULL),
(12, 20125, 'library', CURRENT_DATE - INTERVAL '115 days', CURRENT_DATE - INTERVAL '82 days', 48.8),
(13, 20101, 'tuition', '2024-02-05', '2024-02-20', 640.0),
(14, 20117, 'tuition', '2024-09-12', NULL, 980.0),
(15, 20101, 'library', '2024-10-01', '2024-11-15', 18.0),
(16, 20149, 'immunization', '2024-01-15', '2024-01-16', NULL);
