BEGIN TRANSACTION;
CREATE TABLE accounts (
	id TEXT NOT NULL, 
	rep TEXT, 
	paying_since BIGINT, 
	open_deal_since BIGINT, 
	created_at BIGINT NOT NULL, 
	CONSTRAINT pk_accounts PRIMARY KEY (id)
);
INSERT INTO "accounts" VALUES('lena-works.example',NULL,1791316800000000,NULL,1791316800000000);
INSERT INTO "accounts" VALUES('erased:784da5e312fb894eaa9d02896f95b47f',NULL,1791316800000000,NULL,1791316800000000);
INSERT INTO "accounts" VALUES('zoe-works.example','ada',NULL,NULL,1791316800000000);
INSERT INTO "accounts" VALUES('carla-works.example','ada',NULL,NULL,1791316800000000);
INSERT INTO "accounts" VALUES('dino-works.example','ada',NULL,NULL,1791316860000000);
INSERT INTO "accounts" VALUES('home.example','ada',NULL,NULL,1791317520000000);
INSERT INTO "accounts" VALUES('small0-works.example','ada',NULL,NULL,1791317520000000);
INSERT INTO "accounts" VALUES('erased:bcf402cc08a3a231f2c41da7bc301749','ada',NULL,NULL,1791317520000000);
INSERT INTO "accounts" VALUES('vera-works.example','bob',NULL,NULL,1793392200000000);
INSERT INTO "accounts" VALUES('wim-works.example','bob',NULL,NULL,1793392200000000);
INSERT INTO "accounts" VALUES('xenia-works.example','bob',NULL,NULL,1793392200000000);
INSERT INTO "accounts" VALUES('theo-works.example','bob',NULL,NULL,1793392200000000);
INSERT INTO "accounts" VALUES('olaf-works.example','ada',NULL,NULL,1793392200000000);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0012');
CREATE TABLE assignments (
	account TEXT NOT NULL, 
	policy_id TEXT NOT NULL, 
	arm TEXT NOT NULL, 
	propensity TEXT NOT NULL, 
	policy_version TEXT NOT NULL, 
	rule TEXT NOT NULL, 
	terms TEXT NOT NULL, 
	lead TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_assignments PRIMARY KEY (account, policy_id)
);
INSERT INTO "assignments" VALUES('ines-works.example','story','offer','0.90','eefc77f8bd8b','three-more-months','{"policy_id":"story","policy_version":"eefc77f8bd8b","rule":"three-more-months","why":"Time on the subscription costs little to give; a price cut never comes back.","email":"extra-months","gives":{"extra_months":3},"gets":{"seats":100,"term_months":12,"pay_by":{"by":"month_end","min_days":7}},"quote":{"plan":"business","currency":"USD","seats":100,"term_months":12,"extra_seats":0,"extra_months":3,"list_per_seat_month_minor":2480,"list_minor":2976000,"net_minor":2976000,"other_cost_minor":0,"delivered_list_minor":3720000,"cost_minor":744000,"percent_off_hundredths":2000,"net_per_seat_month_minor":1984,"renewal_minor":2976000},"reserve_minor":744000,"reserve_currency":"USD","ends_at":"2026-11-01T09:59:59Z","timezone":"Pacific/Honolulu","sentence":"three extra months for 100 or more seats on a 12-month term, paid by 31 October 2026","approval":"none","needs_card_country":null}','97b99f6fde365078',1791316800000000);
INSERT INTO "assignments" VALUES('jana-works.example','story','offer','0.90','eefc77f8bd8b','three-more-months','{"policy_id":"story","policy_version":"eefc77f8bd8b","rule":"three-more-months","why":"Time on the subscription costs little to give; a price cut never comes back.","email":"extra-months","gives":{"extra_months":3},"gets":{"seats":100,"term_months":12,"pay_by":{"by":"month_end","min_days":7}},"quote":{"plan":"business","currency":"USD","seats":100,"term_months":12,"extra_seats":0,"extra_months":3,"list_per_seat_month_minor":2480,"list_minor":2976000,"net_minor":2976000,"other_cost_minor":0,"delivered_list_minor":3720000,"cost_minor":744000,"percent_off_hundredths":2000,"net_per_seat_month_minor":1984,"renewal_minor":2976000},"reserve_minor":744000,"reserve_currency":"USD","ends_at":"2026-11-01T09:59:59Z","timezone":"Pacific/Honolulu","sentence":"three extra months for 100 or more seats on a 12-month term, paid by 31 October 2026","approval":"none","needs_card_country":null}','b8bd43f8bfdcb169',1791316800000000);
INSERT INTO "assignments" VALUES('kurt-works.example','story','control','0.10','eefc77f8bd8b','three-more-months','{"policy_id":"story","policy_version":"eefc77f8bd8b","rule":"three-more-months","why":"Time on the subscription costs little to give; a price cut never comes back.","email":"extra-months","gives":{"extra_months":3},"gets":{"seats":100,"term_months":12,"pay_by":{"by":"month_end","min_days":7}},"quote":{"plan":"business","currency":"USD","seats":100,"term_months":12,"extra_seats":0,"extra_months":3,"list_per_seat_month_minor":2480,"list_minor":2976000,"net_minor":2976000,"other_cost_minor":0,"delivered_list_minor":3720000,"cost_minor":744000,"percent_off_hundredths":2000,"net_per_seat_month_minor":1984,"renewal_minor":2976000},"reserve_minor":744000,"reserve_currency":"USD","ends_at":"2026-11-01T09:59:59Z","timezone":"Pacific/Honolulu","sentence":"three extra months for 100 or more seats on a 12-month term, paid by 31 October 2026","approval":"none","needs_card_country":null}','ce6392886fce9cec',1791316800000000);
INSERT INTO "assignments" VALUES('kurt1-works.example','story','offer','0.90','eefc77f8bd8b','three-more-months','{"policy_id":"story","policy_version":"eefc77f8bd8b","rule":"three-more-months","why":"Time on the subscription costs little to give; a price cut never comes back.","email":"extra-months","gives":{"extra_months":3},"gets":{"seats":100,"term_months":12,"pay_by":{"by":"month_end","min_days":7}},"quote":{"plan":"business","currency":"USD","seats":100,"term_months":12,"extra_seats":0,"extra_months":3,"list_per_seat_month_minor":2480,"list_minor":2976000,"net_minor":2976000,"other_cost_minor":0,"delivered_list_minor":3720000,"cost_minor":744000,"percent_off_hundredths":2000,"net_per_seat_month_minor":1984,"renewal_minor":2976000},"reserve_minor":744000,"reserve_currency":"USD","ends_at":"2026-11-01T09:59:59Z","timezone":"Pacific/Honolulu","sentence":"three extra months for 100 or more seats on a 12-month term, paid by 31 October 2026","approval":"none","needs_card_country":null}','464669620b583691',1791316800000000);
INSERT INTO "assignments" VALUES('lena-works.example','story','offer','0.90','eefc77f8bd8b','three-more-months','{"policy_id":"story","policy_version":"eefc77f8bd8b","rule":"three-more-months","why":"Time on the subscription costs little to give; a price cut never comes back.","email":"extra-months","gives":{"extra_months":3},"gets":{"seats":100,"term_months":12,"pay_by":{"by":"month_end","min_days":7}},"quote":{"plan":"business","currency":"USD","seats":100,"term_months":12,"extra_seats":0,"extra_months":3,"list_per_seat_month_minor":2480,"list_minor":2976000,"net_minor":2976000,"other_cost_minor":0,"delivered_list_minor":3720000,"cost_minor":744000,"percent_off_hundredths":2000,"net_per_seat_month_minor":1984,"renewal_minor":2976000},"reserve_minor":744000,"reserve_currency":"USD","ends_at":"2026-11-01T09:59:59Z","timezone":"Pacific/Honolulu","sentence":"three extra months for 100 or more seats on a 12-month term, paid by 31 October 2026","approval":"none","needs_card_country":null}','e928bb1899790971',1791316800000000);
INSERT INTO "assignments" VALUES('omar-works.example','story','offer','0.90','eefc77f8bd8b','three-more-months','{"policy_id":"story","policy_version":"eefc77f8bd8b","rule":"three-more-months","why":"Time on the subscription costs little to give; a price cut never comes back.","email":"extra-months","gives":{"extra_months":3},"gets":{"seats":100,"term_months":12,"pay_by":{"by":"month_end","min_days":7}},"quote":{"plan":"business","currency":"USD","seats":100,"term_months":12,"extra_seats":0,"extra_months":3,"list_per_seat_month_minor":2480,"list_minor":2976000,"net_minor":2976000,"other_cost_minor":0,"delivered_list_minor":3720000,"cost_minor":744000,"percent_off_hundredths":2000,"net_per_seat_month_minor":1984,"renewal_minor":2976000},"reserve_minor":744000,"reserve_currency":"USD","ends_at":"2026-11-01T09:59:59Z","timezone":"Pacific/Honolulu","sentence":"three extra months for 100 or more seats on a 12-month term, paid by 31 October 2026","approval":"none","needs_card_country":null}','6d51137266e6d73e',1791316800000000);
INSERT INTO "assignments" VALUES('erased:784da5e312fb894eaa9d02896f95b47f','story','offer','0.90','eefc77f8bd8b','three-more-months','{"policy_id":"story","policy_version":"eefc77f8bd8b","rule":"three-more-months","why":"Time on the subscription costs little to give; a price cut never comes back.","email":"extra-months","gives":{"extra_months":3},"gets":{"seats":100,"term_months":12,"pay_by":{"by":"month_end","min_days":7}},"quote":{"plan":"business","currency":"USD","seats":100,"term_months":12,"extra_seats":0,"extra_months":3,"list_per_seat_month_minor":2480,"list_minor":2976000,"net_minor":2976000,"other_cost_minor":0,"delivered_list_minor":3720000,"cost_minor":744000,"percent_off_hundredths":2000,"net_per_seat_month_minor":1984,"renewal_minor":2976000},"reserve_minor":744000,"reserve_currency":"USD","ends_at":"2026-11-01T09:59:59Z","timezone":"Pacific/Honolulu","sentence":"three extra months for 100 or more seats on a 12-month term, paid by 31 October 2026","approval":"none","needs_card_country":null}','380aab74c13a754d',1791316800000000);
INSERT INTO "assignments" VALUES('petra-works.example','story','offer','0.90','eefc77f8bd8b','three-more-months','{"policy_id":"story","policy_version":"eefc77f8bd8b","rule":"three-more-months","why":"Time on the subscription costs little to give; a price cut never comes back.","email":"extra-months","gives":{"extra_months":3},"gets":{"seats":100,"term_months":12,"pay_by":{"by":"month_end","min_days":7}},"quote":{"plan":"business","currency":"USD","seats":100,"term_months":12,"extra_seats":0,"extra_months":3,"list_per_seat_month_minor":2480,"list_minor":2976000,"net_minor":2976000,"other_cost_minor":0,"delivered_list_minor":3720000,"cost_minor":744000,"percent_off_hundredths":2000,"net_per_seat_month_minor":1984,"renewal_minor":2976000},"reserve_minor":744000,"reserve_currency":"USD","ends_at":"2026-11-30T22:59:59Z","timezone":"Europe/Berlin","sentence":"three extra months for 100 or more seats on a 12-month term, paid by 30 November 2026","approval":"none","needs_card_country":null}','54bce6cf7bbafaa6',1793392200000000);
INSERT INTO "assignments" VALUES('theo-works.example','story','offer','0.90','eefc77f8bd8b','team-deal','{"policy_id":"story","policy_version":"eefc77f8bd8b","rule":"team-deal","why":"A big team and a long term earn more than the cut costs.","email":"extra-months","gives":{"percent_off":10},"gets":{"seats":50,"term_months":24},"quote":{"plan":"business","currency":"USD","seats":80,"term_months":24,"extra_seats":0,"extra_months":0,"list_per_seat_month_minor":2480,"list_minor":4761600,"net_minor":4285440,"other_cost_minor":0,"delivered_list_minor":4761600,"cost_minor":476160,"percent_off_hundredths":1000,"net_per_seat_month_minor":2232,"renewal_minor":4761600},"reserve_minor":476160,"reserve_currency":"USD","ends_at":"2026-11-14T09:59:59Z","timezone":"Pacific/Honolulu","sentence":"10% off for 50 or more seats on a 24-month term, valid until 13 November 2026","approval":"rep","needs_card_country":null}','601175e841bc7c43',1793392200000000);
CREATE TABLE audit (
	id INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	who TEXT NOT NULL, 
	role TEXT NOT NULL, 
	what TEXT NOT NULL, 
	about TEXT NOT NULL, 
	facts TEXT NOT NULL, 
	number BIGINT, 
	"before" TEXT, 
	hash TEXT, 
	CONSTRAINT pk_audit PRIMARY KEY (id), 
	CONSTRAINT uq_audit_number UNIQUE (number)
);
INSERT INTO "audit" VALUES(1,1791219600000000,'key_12cfebf3e625dcbe','manager','policy.added','eefc77f8bd8b','{}',1,'0000000000000000000000000000000000000000000000000000000000000000','050b6be1ade4518887ea053e74c99e342ef14ce35107c0c54168469c4b04c2ce');
INSERT INTO "audit" VALUES(2,1791223200000000,'key_12cfebf3e625dcbe','manager','policy.added','9af6fa9bb1dd','{}',2,'050b6be1ade4518887ea053e74c99e342ef14ce35107c0c54168469c4b04c2ce','aa3abd843ae88fe0a77877a5a2d98d3e83f360853b1f1f71e3aa3822d7732e9d');
INSERT INTO "audit" VALUES(3,1791226800000000,'worker','worker','retention.ran','store','{"gone":{}}',3,'aa3abd843ae88fe0a77877a5a2d98d3e83f360853b1f1f71e3aa3822d7732e9d','d71ff68e838d6d33822b615153dfe0b5f07ba92ac3808430881a57aa0032c8a7');
INSERT INTO "audit" VALUES(4,1791316800000000,'worker','worker','retention.ran','store','{"gone":{}}',4,'d71ff68e838d6d33822b615153dfe0b5f07ba92ac3808430881a57aa0032c8a7','2f7e8357946a80824e9be15a050ad2229ccfa2585df2e6df4803c15e8aeaf00a');
INSERT INTO "audit" VALUES(5,1791316800000000,'key_12cfebf3e625dcbe','manager','lead.seen','ce6392886fce9cec','{}',5,'2f7e8357946a80824e9be15a050ad2229ccfa2585df2e6df4803c15e8aeaf00a','851c73386b42274a26c68aef4f319ad83cac333ba6065b8014116c8cd30d406e');
INSERT INTO "audit" VALUES(6,1791316800000000,'key_12cfebf3e625dcbe','manager','task.done','offer_6ad0962ae65e60fbb5ce','{"task":"task_offer_6ad0962ae65e60fbb5ce_grant_extra_months"}',6,'851c73386b42274a26c68aef4f319ad83cac333ba6065b8014116c8cd30d406e','7bc9fccd64e8b188c3d8dde4d94a524dce0228518100f683f4da7532005ed9f1');
INSERT INTO "audit" VALUES(7,1791316800000000,'key_12cfebf3e625dcbe','manager','lead.seen','380aab74c13a754d','{}',7,'7bc9fccd64e8b188c3d8dde4d94a524dce0228518100f683f4da7532005ed9f1','26c488f7b5b67b7974843a4aa58e3f1c8e750690c521856b53c0442bfa88c1bd');
INSERT INTO "audit" VALUES(8,1791316800000000,'command line','operator','person.erased','380aab74c13a754d','{"scores_replayable":false}',8,'26c488f7b5b67b7974843a4aa58e3f1c8e750690c521856b53c0442bfa88c1bd','2768c8e199cbb458444c28ae3da03004a05b6677a39159a24a73d17f76111bb2');
INSERT INTO "audit" VALUES(9,1791316800000000,'command line','operator','person.added','person_21851c3e8df77514','{}',9,'2768c8e199cbb458444c28ae3da03004a05b6677a39159a24a73d17f76111bb2','a88eb24d259fe16fe03819b2949885026bd135015d894932fca7bfde98f4f6ef');
INSERT INTO "audit" VALUES(10,1791316800000000,'command line','operator','person.added','person_1c97359531e58128','{}',10,'a88eb24d259fe16fe03819b2949885026bd135015d894932fca7bfde98f4f6ef','37a45589a7532df7d206a8db763a8c22a678ec31a159d658b6154862ae5e646d');
INSERT INTO "audit" VALUES(11,1791316800000000,'command line','operator','person.ended','person_1c97359531e58128','{}',11,'37a45589a7532df7d206a8db763a8c22a678ec31a159d658b6154862ae5e646d','a257df76d6dc58b5adfb51acba7985358966df8ad9ef09eef146e1cd8fd7dce7');
INSERT INTO "audit" VALUES(12,1791316800000000,'person_21851c3e8df77514','manager','session.started','person_21851c3e8df77514','{}',12,'a257df76d6dc58b5adfb51acba7985358966df8ad9ef09eef146e1cd8fd7dce7','42a3c9b06ac52281f9165031483711cc437e53720ea6d12741587ea22d2f4eb1');
INSERT INTO "audit" VALUES(13,1791316800000000,'command line','operator','key.added','key_7f81fd6328c1adeb','{}',13,'42a3c9b06ac52281f9165031483711cc437e53720ea6d12741587ea22d2f4eb1','4a2625bce927e1abd91319e6672f6eee04b5cc7e24cd7ff2f04c2b709ff011dc');
INSERT INTO "audit" VALUES(14,1791316800000000,'key_12cfebf3e625dcbe','manager','rep.changed','ada','{}',14,'4a2625bce927e1abd91319e6672f6eee04b5cc7e24cd7ff2f04c2b709ff011dc','40028f06ab96ec99e418b04b104cdbfa3a11194c371eded761563e1f9d6ec300');
INSERT INTO "audit" VALUES(15,1791316800000000,'key_12cfebf3e625dcbe','manager','objections.changed','objections','{}',15,'40028f06ab96ec99e418b04b104cdbfa3a11194c371eded761563e1f9d6ec300','ccb2812190d2e074b585e410ef79c162ef94e850d5f7d86b5f4dee4b61a39e66');
INSERT INTO "audit" VALUES(16,1791316920000000,'ada','rep','claim.taken','claim_a4354119494bfbf756f9','{}',16,'ccb2812190d2e074b585e410ef79c162ef94e850d5f7d86b5f4dee4b61a39e66','beeddb779b11c2ccabe9bbbc71c2bb5a600dc456938c6ee9dd795519bb8428b8');
INSERT INTO "audit" VALUES(17,1791316920000000,'ada','rep','lead.seen','7534c122caa6a16b','{}',17,'beeddb779b11c2ccabe9bbbc71c2bb5a600dc456938c6ee9dd795519bb8428b8','bbf0cae06f2e3dab6470758e51293672e589046db0dbfe4fb5bdde333b342669');
INSERT INTO "audit" VALUES(18,1791317520000000,'ada','rep','claim.done','claim_a4354119494bfbf756f9','{}',18,'bbf0cae06f2e3dab6470758e51293672e589046db0dbfe4fb5bdde333b342669','dba3de6f076df5c7fd193712a49ea479e0eed3459e4417f41af4d81d7d4b2a11');
INSERT INTO "audit" VALUES(19,1791317520000000,'ada','rep','claim.taken','claim_afd2486a3eb43dd40a09','{}',19,'dba3de6f076df5c7fd193712a49ea479e0eed3459e4417f41af4d81d7d4b2a11','efcbce9be8f5e25c37be0563e64943643318c1e7d443cda76fd65432408971d2');
INSERT INTO "audit" VALUES(20,1791317520000000,'ada','rep','claim.release','claim_afd2486a3eb43dd40a09','{}',20,'efcbce9be8f5e25c37be0563e64943643318c1e7d443cda76fd65432408971d2','74a499be1016edc298a06391dca8112b2e57f785750959b816bf09135cbb4545');
INSERT INTO "audit" VALUES(21,1791317520000000,'command line','operator','person.erased','41e34880ec5e32ec','{"scores_replayable":false}',21,'74a499be1016edc298a06391dca8112b2e57f785750959b816bf09135cbb4545','752a817b9a078f707b8423bb485fbbd28ebb37d47502fddfb6a41e39dd959265');
INSERT INTO "audit" VALUES(22,1791317520000000,'key_12cfebf3e625dcbe','manager','mail.paused','mail','{}',22,'752a817b9a078f707b8423bb485fbbd28ebb37d47502fddfb6a41e39dd959265','c802f84f7097395e2d434c5347553cc03ea22e2d0a38fd065ee3cdbf330fb1d5');
INSERT INTO "audit" VALUES(23,1791317520000000,'key_12cfebf3e625dcbe','manager','mail.resumed','mail','{}',23,'c802f84f7097395e2d434c5347553cc03ea22e2d0a38fd065ee3cdbf330fb1d5','768c13d313e4ebd82f73e446e7f19e9775db5e3c69027ccca4ca2b345a026c53');
INSERT INTO "audit" VALUES(24,1791317520000000,'command line','operator','import.taken','imp_d7cea9964893','{"kind":"leads","rejected":0,"taken":1}',24,'768c13d313e4ebd82f73e446e7f19e9775db5e3c69027ccca4ca2b345a026c53','b54c9f85ef81168fa9e3365effe6e4a3823f8f8ebfdcff47893b301d5de800ba');
INSERT INTO "audit" VALUES(25,1791317520000000,'command line','operator','import.taken','imp_651ae598c0e9','{"kind":"events","rejected":0,"taken":1}',25,'b54c9f85ef81168fa9e3365effe6e4a3823f8f8ebfdcff47893b301d5de800ba','6c2238f4bb129f76811713b38023a0d3eb34a4edd6929e9c338b82a98f4a617e');
INSERT INTO "audit" VALUES(26,1791317520000000,'command line','operator','import.taken','imp_2a7a695c5a98','{"kind":"leads","rejected":0,"taken":1}',26,'6c2238f4bb129f76811713b38023a0d3eb34a4edd6929e9c338b82a98f4a617e','69659bf5aa7be8c4177b161b919eaa756dada686ea0ba917d35f33aa4376b79f');
INSERT INTO "audit" VALUES(27,1791317520000000,'command line','operator','import.undone','imp_2a7a695c5a98','{"kept":0,"leads":1}',27,'69659bf5aa7be8c4177b161b919eaa756dada686ea0ba917d35f33aa4376b79f','5dffe279396ec4616eb8964a7785a48811611c816ab244434bacf607ac1b6618');
INSERT INTO "audit" VALUES(28,1791317520000000,'command line','operator','key.added','key_c36c35e3e2f952f6','{}',28,'5dffe279396ec4616eb8964a7785a48811611c816ab244434bacf607ac1b6618','97f7288e8116d2b8d593da7f066cf0ba8303f43a45fdf8ce5f24de40052d5936');
INSERT INTO "audit" VALUES(29,1791317520000000,'command line','operator','key.rotated','key_c36c35e3e2f952f6','{}',29,'97f7288e8116d2b8d593da7f066cf0ba8303f43a45fdf8ce5f24de40052d5936','359e3db9cc384e77ee04e2de30f4a3c7a30e2e93271d07506dea1e76abca2234');
INSERT INTO "audit" VALUES(30,1791317520000000,'command line','operator','key.added','key_6070445d286cad1d','{}',30,'359e3db9cc384e77ee04e2de30f4a3c7a30e2e93271d07506dea1e76abca2234','2cf79285c2d5331772b894fa2233c2dcc47f32b3c08756a07acf67206bf3ed4a');
INSERT INTO "audit" VALUES(31,1791317520000000,'command line','operator','key.revoked','key_6070445d286cad1d','{}',31,'2cf79285c2d5331772b894fa2233c2dcc47f32b3c08756a07acf67206bf3ed4a','5f2da181a17428e4665a7d1e8e634cc30125c88fd11460cb20c6ead55dac962d');
INSERT INTO "audit" VALUES(32,1791317520000000,'key_12cfebf3e625dcbe','manager','rep.changed','ada','{}',32,'5f2da181a17428e4665a7d1e8e634cc30125c88fd11460cb20c6ead55dac962d','1603f96d81749e5b09f514f52dd192508ffcbbf294982a077b7dbd340c7c7ebd');
INSERT INTO "audit" VALUES(33,1793392200000000,'worker','worker','retention.ran','store','{"gone":{"captured_mail":2,"messages":39,"scores":25}}',33,'1603f96d81749e5b09f514f52dd192508ffcbbf294982a077b7dbd340c7c7ebd','7ada14c4bef5fa1b8c282a36c60ad3385bbd3f5d41b106505955977439674bf2');
INSERT INTO "audit" VALUES(34,1793392200000000,'key_12cfebf3e625dcbe','manager','rep.changed','bob','{}',34,'7ada14c4bef5fa1b8c282a36c60ad3385bbd3f5d41b106505955977439674bf2','7d2463d32f4f64cbcc7aaecb66c03665444aabdf58caa9aa07589ce7b1f77ef8');
INSERT INTO "audit" VALUES(35,1793392200000000,'bob','rep','offer.decided','601175e841bc7c43','{"dry_run":false}',35,'7d2463d32f4f64cbcc7aaecb66c03665444aabdf58caa9aa07589ce7b1f77ef8','da8b9975b59e2e7f36661250bcbb07f16333a6c0f381808bb2fca2249ea21308');
INSERT INTO "audit" VALUES(36,1793392200000000,'bob','rep','claim.taken','claim_cc78db7af7b57d158cb0','{}',36,'da8b9975b59e2e7f36661250bcbb07f16333a6c0f381808bb2fca2249ea21308','1d810e0f1a8586c1f455e9cebebd542bb0ec670425305ee33cb22cfeb2878e36');
INSERT INTO "audit" VALUES(37,1793392200000000,'bob','rep','claim.taken','claim_31cc308a3ef047b8f45d','{}',37,'1d810e0f1a8586c1f455e9cebebd542bb0ec670425305ee33cb22cfeb2878e36','e927f0957ad09880dffac956914c49d672ad1fadc8910332b6e57e041295a364');
INSERT INTO "audit" VALUES(38,1793392200000000,'bob','rep','claim.snooze','claim_31cc308a3ef047b8f45d','{}',38,'e927f0957ad09880dffac956914c49d672ad1fadc8910332b6e57e041295a364','cb8edc5aca90446bb49419418e1adfc47811a81ea7e39f25bab8ea526f656911');
INSERT INTO "audit" VALUES(39,1793392200000000,'key_12cfebf3e625dcbe','manager','rep.changed','cem','{}',39,'cb8edc5aca90446bb49419418e1adfc47811a81ea7e39f25bab8ea526f656911','c647d04a93992f7a4e1d2bdcb7f6f668746cee93f26f12cd8b35a27ff74b574b');
INSERT INTO "audit" VALUES(40,1793392200000000,'key_12cfebf3e625dcbe','manager','rep.changed','ada','{}',40,'c647d04a93992f7a4e1d2bdcb7f6f668746cee93f26f12cd8b35a27ff74b574b','fe2c485cb725af172c09bb6491aad0be8e7a7e883ee2bcd8a84d420db9e1cad4');
CREATE TABLE bounces (
	id TEXT NOT NULL, 
	email_key TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	received_at BIGINT NOT NULL, 
	CONSTRAINT pk_bounces PRIMARY KEY (id)
);
INSERT INTO "bounces" VALUES('bnc-1','5a65d2e6a1e5c93ccfbdb42fb69208ef','hard',1791317520000000,1791317520000000);
INSERT INTO "bounces" VALUES('bnc-2','305fef0fd571b9c0dc131be5ba8b2502','soft',1791317520000000,1791317520000000);
CREATE TABLE captured_mail (
	id INTEGER NOT NULL, 
	message_id TEXT NOT NULL, 
	lead TEXT, 
	recipient TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	text TEXT NOT NULL, 
	html TEXT NOT NULL, 
	headers TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_captured_mail PRIMARY KEY (id), 
	CONSTRAINT uq_captured_mail_message_id UNIQUE (message_id)
);
INSERT INTO "captured_mail" VALUES(3,'<mail_reminder_offer_5875a310668c29a7a495@giveget.example>','lead_4231acaab2188a8c5c73','ines@ines-works.example','Your offer ends on 31 October 2026','Hello Ines,

Your offer number 1 ends on 31 October 2026; after that day we cannot keep it open.

Three extra months for 100 or more seats and a 12-month term.

What you get: three extra months
What we ask: 100 or more seats and a 12-month term
Price: US$29,760.00 for 100 seats over 12 months
Renewal: US$29,760.00 for 100 seats over 12 months (list price)
Pay by: 31 October 2026, 23:59 (Hawaii-Aleutian Standard Time)

If it is not for you, there is nothing to do: it ends by itself, and this is our only reminder.

To say yes, open the offer and accept it there.
https://giveget.example/o/Im9mZmVyXzU4NzVhMzEwNjY4YzI5YTdhNDk1Ig.9gXqGqOT77Wga-UA6rjWRK-EIyA

Your Giveget team

-- 
Offer 1. You are getting this email because you agreed to hear from us.
No more emails from us: https://giveget.example/u/Ijk3Yjk5ZjZmZGUzNjUwNzgi.E6HfWLn48wnsuvIQ_V_iOhfK5KE
Giveget, 1 Example Street, 00000 Example
','<!DOCTYPE html><html lang="en"><head><style>@media (prefers-color-scheme: dark) {
  body, .outside { background-color: #11151d !important; }
  .sheet { background-color: #1b212d !important; }
  .sheet > tbody > tr > td, .sheet p, .trade td { color: #e7ebf3 !important; }
  .trade { background-color: #232c3d !important; }
  .trade td { border-color: #35415a !important; }
  .trade .label, .foot, .foot a { color: #a9b4c8 !important; }
  .button { background-color: #3166e8 !important; }
} @media (max-width: 480px) {
  .sheet > tbody > tr > td { padding: 24px 18px !important; }
  .foot { padding: 16px 18px 0 !important; }
  .trade .label { width: 38% !important; }
} </style>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>Your offer ends on 31 October 2026</title>

</head>
<body style="margin: 0;padding: 0;background-color: #f1f3f7;color: #1b2333;">
<div class="preview" style="display: none;max-height: 0;overflow: hidden;font-size: 1px;line-height: 1px;color: #f1f3f7;">Three extra months for 100 or more seats and a 12-month term. Pay by: 31 October 2026, 23:59 (Hawaii-Aleutian Standard Time).</div>
<table class="outside" border="0" role="presentation" width="100%" cellpadding="0" cellspacing="0" style="background-color: #f1f3f7;"><tbody><tr><td align="center" style="padding: 24px 12px;">
<table class="sheet" border="0" role="presentation" cellpadding="0" cellspacing="0" style="width: 100%;max-width: 560px;background-color: #ffffff;border-radius: 10px;"><tbody><tr><td align="left" style="padding: 32px 32px 28px;font-family: -apple-system, ''Segoe UI'', Helvetica, Arial, sans-serif;font-size: 16px;line-height: 1.55;color: #1b2333;">
<p style="margin: 0 0 16px;">Hello Ines,</p>
<p style="margin: 0 0 16px;">Your offer number 1 ends on 31 October 2026; after that day we cannot keep it open.</p>
<table class="trade" border="0" role="presentation" cellpadding="0" cellspacing="0" style="width: 100%;margin: 4px 0 20px;border-radius: 8px;background-color: #eef3ff;"><tbody>
<tr><td class="label" style="padding: 10px 16px;vertical-align: top;font-family: -apple-system, ''Segoe UI'', Helvetica, Arial, sans-serif;font-size: 15px;line-height: 1.45;border-bottom: 1px solid #d9e2f8;color: #4c5a75;width: 32%;">What you get</td><td class="give" style="padding: 10px 16px;vertical-align: top;font-family: -apple-system, ''Segoe UI'', Helvetica, Arial, sans-serif;font-size: 15px;line-height: 1.45;color: #1b2333;border-bottom: 1px solid #d9e2f8;font-weight: bold;">three extra months</td></tr>
<tr><td class="label" style="padding: 10px 16px;vertical-align: top;font-family: -apple-system, ''Segoe UI'', Helvetica, Arial, sans-serif;font-size: 15px;line-height: 1.45;border-bottom: 1px solid #d9e2f8;color: #4c5a75;width: 32%;">What we ask</td><td style="padding: 10px 16px;vertical-align: top;font-family: -apple-system, ''Segoe UI'', Helvetica, Arial, sans-serif;font-size: 15px;line-height: 1.45;color: #1b2333;border-bottom: 1px solid #d9e2f8;">100 or more seats and a 12-month term</td></tr>
<tr><td class="label" style="padding: 10px 16px;vertical-align: top;font-family: -apple-system, ''Segoe UI'', Helvetica, Arial, sans-serif;font-size: 15px;line-height: 1.45;border-bottom: 1px solid #d9e2f8;color: #4c5a75;width: 32%;">Price</td><td style="padding: 10px 16px;vertical-align: top;font-family: -apple-system, ''Segoe UI'', Helvetica, Arial, sans-serif;font-size: 15px;line-height: 1.45;color: #1b2333;border-bottom: 1px solid #d9e2f8;">US$29,760.00 for 100 seats over 12 months</td></tr>
<tr><td class="label" style="padding: 10px 16px;vertical-align: top;font-family: -apple-system, ''Segoe UI'', Helvetica, Arial, sans-serif;font-size: 15px;line-height: 1.45;border-bottom: 1px solid #d9e2f8;color: #4c5a75;width: 32%;">Renewal</td><td style="padding: 10px 16px;vertical-align: top;font-family: -apple-system, ''Segoe UI'', Helvetica, Arial, sans-serif;font-size: 15px;line-height: 1.45;color: #1b2333;border-bottom: 1px solid #d9e2f8;">US$29,760.00 for 100 seats over 12 months (list price)</td></tr>
<tr><td class="label last" style="padding: 10px 16px;vertical-align: top;font-family: -apple-system, ''Segoe UI'', Helvetica, Arial, sans-serif;font-size: 15px;line-height: 1.45;color: #4c5a75;border-bottom: 0;width: 32%;">Pay by</td><td class="last" style="padding: 10px 16px;vertical-align: top;font-family: -apple-system, ''Segoe UI'', Helvetica, Arial, sans-serif;font-size: 15px;line-height: 1.45;color: #1b2333;border-bottom: 0;">31 October 2026, 23:59 (Hawaii-Aleutian Standard Time)</td></tr>
</tbody></table>
<p style="margin: 0 0 16px;">If it is not for you, there is nothing to do: it ends by itself, and this is our only reminder.</p>
<p style="margin: 0 0 16px;">To say yes, open the offer and accept it there.</p>
<table role="presentation" cellpadding="0" cellspacing="0" border="0"><tbody><tr><td class="button" style="border-radius: 8px;background-color: #1c57e0;"><a href="https://giveget.example/o/Im9mZmVyXzU4NzVhMzEwNjY4YzI5YTdhNDk1Ig.9gXqGqOT77Wga-UA6rjWRK-EIyA" style="display: inline-block;padding: 12px 24px;font-family: -apple-system, ''Segoe UI'', Helvetica, Arial, sans-serif;font-size: 16px;font-weight: bold;color: #ffffff;text-decoration: none;">See the offer</a></td></tr></tbody></table>
<p class="signature" style="margin: 24px 0 0;">Your Giveget team</p>
</td></tr></tbody></table>
<div class="foot" style="max-width: 496px;padding: 16px 32px 0;font-family: -apple-system, ''Segoe UI'', Helvetica, Arial, sans-serif;font-size: 13px;line-height: 1.5;color: #56627a;text-align: left;">Offer 1. You are getting this email because you agreed to hear from us.<br>
<a href="https://giveget.example/u/Ijk3Yjk5ZjZmZGUzNjUwNzgi.E6HfWLn48wnsuvIQ_V_iOhfK5KE" style="color: #56627a;">No more emails from us</a><br>Giveget, 1 Example Street, 00000 Example</div>
</td></tr></tbody></table>


</body></html>','From: Giveget <hello@giveget.example>
To: ines@ines-works.example
Subject: Your offer ends on 31 October 2026
Date: Fri, 30 Oct 2026 20:30:00 +0000
Message-ID: <mail_reminder_offer_5875a310668c29a7a495@giveget.example>
List-Unsubscribe: <https://giveget.example/u/Ijk3Yjk5ZjZmZGUzNjUwNzgi.E6HfWLn48wnsuvIQ_V_iOhfK5KE>
List-Unsubscribe-Post: List-Unsubscribe=One-Click
Auto-Submitted: auto-generated
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="=_5e5df84b88ffb7fa7369e2c7c6bf85c7"',1793392200000000);
CREATE TABLE claims (
	id TEXT NOT NULL, 
	lead TEXT NOT NULL, 
	rep TEXT NOT NULL, 
	claimed_at BIGINT NOT NULL, 
	ended_at BIGINT, 
	ended TEXT, 
	disposition TEXT, 
	objection TEXT, 
	note TEXT, 
	minutes INTEGER NOT NULL, gain_minor BIGINT, 
	CONSTRAINT pk_claims PRIMARY KEY (id)
);
INSERT INTO "claims" VALUES('claim_a4354119494bfbf756f9','dino','ada',1791316920000000,1791317520000000,'done','reached','price','Wants to think it over.',20,2125709);
INSERT INTO "claims" VALUES('claim_afd2486a3eb43dd40a09','carla','ada',1791317520000000,1791317520000000,'released',NULL,NULL,'I know them',20,2125709);
INSERT INTO "claims" VALUES('claim_cc78db7af7b57d158cb0','vera','bob',1793392200000000,NULL,NULL,NULL,NULL,NULL,20,1382769);
INSERT INTO "claims" VALUES('claim_31cc308a3ef047b8f45d','wim','bob',1793392200000000,1793392200000000,'snoozed',NULL,NULL,NULL,20,1382769);
CREATE TABLE deliveries (
	id TEXT NOT NULL, 
	tool TEXT NOT NULL, 
	what TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	lead TEXT, 
	body TEXT NOT NULL, 
	told TEXT, 
	state TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	attempts INTEGER NOT NULL, 
	due_at BIGINT NOT NULL, 
	reason TEXT, 
	asked_at BIGINT NOT NULL, 
	CONSTRAINT pk_deliveries PRIMARY KEY (id)
);
INSERT INTO "deliveries" VALUES('hubspot:write:501','hubspot','write','501','lead_4231acaab2188a8c5c73','{"contact":"501","properties":{"giveget_grade":"A4","giveget_probability":"0.069273","giveget_reasons":"Days since the last action: -26; Seats asked for: +18; Mail address: +14","giveget_lane":"offer","giveget_offer":"NMAKZEZJ266C sent","giveget_link":"https://giveget.example/leads/lead_4231acaab2188a8c5c73"}}','{"contact":"501","properties":{"giveget_grade":"A4","giveget_probability":"0.069273","giveget_reasons":"Days since the last action: -26; Seats asked for: +18; Mail address: +14","giveget_lane":"offer","giveget_offer":"NMAKZEZJ266C sent","giveget_link":"https://giveget.example/leads/lead_4231acaab2188a8c5c73"}}','done',3,1,1793392320000000,NULL,1793392200000000);
INSERT INTO "deliveries" VALUES('hubspot:lookup:shadow-1','hubspot','lookup','shadow-1','shadow-1','{}',NULL,'done',1,1,1791316920000000,NULL,1791316800000000);
INSERT INTO "deliveries" VALUES('connect:mark','connect','mark','',NULL,'{}','2026-10-30T20:29:50+00:00 ','done',1,0,1791316800000000,NULL,1791316800000000);
INSERT INTO "deliveries" VALUES('stripe:checkout:offer_618d10f2a4ebc95fb7e9','stripe','checkout','offer_618d10f2a4ebc95fb7e9','lead_5485e9da791cb9145126','{}','{"session": "cs_1", "url": "https://checkout.stripe.example/cs_1", "number": 1, "ends": 1791403200.0}','done',1,1,1791316920000000,NULL,1791316800000000);
INSERT INTO "deliveries" VALUES('hubspot:lookup:lead_5485e9da791cb9145126','hubspot','lookup','lead_5485e9da791cb9145126','lead_5485e9da791cb9145126','{}',NULL,'done',1,1,1791316920000000,NULL,1791316800000000);
INSERT INTO "deliveries" VALUES('hubspot:lookup:lead_fd110b28cfc998d76b39','hubspot','lookup','lead_fd110b28cfc998d76b39','lead_fd110b28cfc998d76b39','{}',NULL,'done',1,1,1791316920000000,NULL,1791316800000000);
INSERT INTO "deliveries" VALUES('hubspot:lookup:lead_af324f9b6e8a6ba87012','hubspot','lookup','lead_af324f9b6e8a6ba87012','lead_af324f9b6e8a6ba87012','{}',NULL,'done',1,1,1791316920000000,NULL,1791316800000000);
INSERT INTO "deliveries" VALUES('stripe:checkout:offer_6ad0962ae65e60fbb5ce','stripe','checkout','offer_6ad0962ae65e60fbb5ce','lead_a15ebbf6070088c6ecc5','{}','{"session": "cs_2", "url": "https://checkout.stripe.example/cs_2", "number": 1, "ends": 1791403200.0}','done',1,1,1791316920000000,NULL,1791316800000000);
INSERT INTO "deliveries" VALUES('hubspot:lookup:lead_a15ebbf6070088c6ecc5','hubspot','lookup','lead_a15ebbf6070088c6ecc5','lead_a15ebbf6070088c6ecc5','{}',NULL,'done',1,1,1791316920000000,NULL,1791316800000000);
INSERT INTO "deliveries" VALUES('hubspot:lookup:lead_7042e86edecf71f8016a','hubspot','lookup','lead_7042e86edecf71f8016a','lead_7042e86edecf71f8016a','{}',NULL,'done',1,1,1791316920000000,NULL,1791316800000000);
INSERT INTO "deliveries" VALUES('hubspot:lookup:carla','hubspot','lookup','carla','carla','{}',NULL,'done',1,1,1791317640000000,NULL,1791317520000000);
INSERT INTO "deliveries" VALUES('hubspot:lookup:zoe','hubspot','lookup','zoe','zoe','{}',NULL,'done',1,1,1791317640000000,NULL,1791317520000000);
INSERT INTO "deliveries" VALUES('hubspot:lookup:dino','hubspot','lookup','dino','dino','{}',NULL,'done',1,1,1791317640000000,NULL,1791317520000000);
INSERT INTO "deliveries" VALUES('hubspot:lookup:small0','hubspot','lookup','small0','small0','{}',NULL,'done',1,1,1791317640000000,NULL,1791317520000000);
INSERT INTO "deliveries" VALUES('hubspot:write:7','hubspot','write','7','mia','{"contact":"7","properties":{"giveget_grade":"A4","giveget_probability":"0.040996","giveget_reasons":"Days since the last action: -26; Mail address: +14; Job title, rank: +14","giveget_lane":"offer","giveget_offer":"","giveget_link":"https://giveget.example/leads/mia"}}',NULL,'failed',2,1,1793392320000000,'status_404',1793392200000000);
INSERT INTO "deliveries" VALUES('hubspot:lookup:L1','hubspot','lookup','L1','L1','{}',NULL,'done',1,1,1791317640000000,NULL,1791317520000000);
INSERT INTO "deliveries" VALUES('hubspot:lookup:wim','hubspot','lookup','wim','wim','{}',NULL,'done',1,1,1793392320000000,NULL,1793392200000000);
INSERT INTO "deliveries" VALUES('hubspot:lookup:vera','hubspot','lookup','vera','vera','{}',NULL,'done',1,1,1793392320000000,NULL,1793392200000000);
INSERT INTO "deliveries" VALUES('hubspot:lookup:crm/theo','hubspot','lookup','crm/theo','crm/theo','{}',NULL,'done',1,1,1793392320000000,NULL,1793392200000000);
INSERT INTO "deliveries" VALUES('slack:say:approval:offer_5a5270daca331d7a5196','slack','say','approval:offer_5a5270daca331d7a5196','crm/theo','{"text":"Offer 8 waits for approval: https://giveget.example/leads/crm/theo"}',NULL,'done',1,1,1793392320000000,NULL,1793392200000000);
INSERT INTO "deliveries" VALUES('hubspot:lookup:lead_ce54fbdf5f70c0610fdf','hubspot','lookup','lead_ce54fbdf5f70c0610fdf','lead_ce54fbdf5f70c0610fdf','{}',NULL,'done',1,1,1793392320000000,NULL,1793392200000000);
INSERT INTO "deliveries" VALUES('hubspot:lookup:xenia','hubspot','lookup','xenia','xenia','{}',NULL,'done',1,1,1793392320000000,NULL,1793392200000000);
CREATE TABLE erasures (
	lead_key TEXT NOT NULL, 
	ref TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_erasures PRIMARY KEY (lead_key)
);
INSERT INTO "erasures" VALUES('c3ea8f8f032716fb0be44ad6ce95d448','380aab74c13a754d',1791316800000000);
INSERT INTO "erasures" VALUES('370465de7fcd75f83ec23937de405ce8','41e34880ec5e32ec',1791317520000000);
CREATE TABLE events (
	id TEXT NOT NULL, 
	lead TEXT, 
	name TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	received_at BIGINT NOT NULL, 
	known_at BIGINT NOT NULL, 
	properties TEXT, 
	CONSTRAINT pk_events PRIMARY KEY (id)
);
INSERT INTO "events" VALUES('evt_700005','lead_4231acaab2188a8c5c73','project created',1791316800000000,1791316800000000,1791316800000000,NULL);
INSERT INTO "events" VALUES('evt_700009','lead_fd110b28cfc998d76b39','project created',1791316800000000,1791316800000000,1791316800000000,NULL);
INSERT INTO "events" VALUES('evt_700013','lead_af324f9b6e8a6ba87012','project created',1791316800000000,1791316800000000,1791316800000000,NULL);
INSERT INTO "events" VALUES('evt_700017','lead_5485e9da791cb9145126','project created',1791316800000000,1791316800000000,1791316800000000,NULL);
INSERT INTO "events" VALUES('evt_700021','lead_a15ebbf6070088c6ecc5','project created',1791316800000000,1791316800000000,1791316800000000,NULL);
INSERT INTO "events" VALUES('evt_700027','lead_7042e86edecf71f8016a','project created',1791316800000000,1791316800000000,1791316800000000,NULL);
INSERT INTO "events" VALUES('evt_700041','carla','project created',1791316800000000,1791316800000000,1791316800000000,NULL);
INSERT INTO "events" VALUES('evt_700045','dino','project created',1791316860000000,1791316860000000,1791316860000000,NULL);
INSERT INTO "events" VALUES('evt_700056','mia','pricing page viewed',1791317520000000,1791317520000000,1791317520000000,NULL);
INSERT INTO "events" VALUES('evt_parked',NULL,'project created',1791317520000000,1791317520000000,1791317520000000,'{"size":3}');
INSERT INTO "events" VALUES('ie-1','L1','project created',1788429600000000,1791317520000000,1791317520000000,NULL);
INSERT INTO "events" VALUES('evt_700070','lead_ce54fbdf5f70c0610fdf','project created',1793392200000000,1793392200000000,1793392200000000,NULL);
INSERT INTO "events" VALUES('evt_700080','crm/theo','project created',1793392200000000,1793392200000000,1793392200000000,NULL);
INSERT INTO "events" VALUES('evt_700084','nora','project created',1793392200000000,1793392200000000,1793392200000000,NULL);
CREATE TABLE explorations (
	lead TEXT NOT NULL, 
	explored BOOLEAN NOT NULL, 
	propensity TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_explorations PRIMARY KEY (lead)
);
INSERT INTO "explorations" VALUES('97b99f6fde365078',0,'0.5',1791316800000000);
INSERT INTO "explorations" VALUES('b8bd43f8bfdcb169',0,'0.5',1791316800000000);
INSERT INTO "explorations" VALUES('ce6392886fce9cec',0,'0.5',1791316800000000);
INSERT INTO "explorations" VALUES('464669620b583691',0,'0.5',1791316800000000);
INSERT INTO "explorations" VALUES('e928bb1899790971',0,'0.5',1791316800000000);
INSERT INTO "explorations" VALUES('6d51137266e6d73e',0,'0.5',1791316800000000);
INSERT INTO "explorations" VALUES('380aab74c13a754d',0,'0.5',1791316800000000);
INSERT INTO "explorations" VALUES('0a2f118975f49f10',0,'0.5',1791317520000000);
INSERT INTO "explorations" VALUES('ec42ea26c575d71b',1,'0.5',1791317520000000);
INSERT INTO "explorations" VALUES('7f24a92301736975',1,'0.5',1791317520000000);
INSERT INTO "explorations" VALUES('41e34880ec5e32ec',1,'0.5',1791317520000000);
INSERT INTO "explorations" VALUES('92076006d924bece',0,'0.02',1791317520000000);
INSERT INTO "explorations" VALUES('54bce6cf7bbafaa6',0,'0.5',1793392200000000);
CREATE TABLE external_ids (
	kind TEXT NOT NULL, 
	value TEXT NOT NULL, 
	lead TEXT NOT NULL, 
	CONSTRAINT pk_external_ids PRIMARY KEY (kind, value)
);
INSERT INTO "external_ids" VALUES('hubspot','501','lead_4231acaab2188a8c5c73');
INSERT INTO "external_ids" VALUES('user','u-carla','carla');
INSERT INTO "external_ids" VALUES('user','u-dino','dino');
INSERT INTO "external_ids" VALUES('user','u-mia','mia');
INSERT INTO "external_ids" VALUES('hubspot','7','mia');
INSERT INTO "external_ids" VALUES('lead','mia-home','mia');
INSERT INTO "external_ids" VALUES('ref','ec42ea26c575d71b','mia');
CREATE TABLE import_facts (
	id INTEGER NOT NULL, 
	import TEXT NOT NULL, 
	what TEXT NOT NULL, 
	fact TEXT NOT NULL, 
	CONSTRAINT pk_import_facts PRIMARY KEY (id)
);
INSERT INTO "import_facts" VALUES(1,'imp_651ae598c0e9','event','ie-1');
CREATE TABLE import_snapshots (
	id INTEGER NOT NULL, 
	import TEXT NOT NULL, 
	lead TEXT NOT NULL, 
	"before" TEXT NOT NULL, 
	CONSTRAINT pk_import_snapshots PRIMARY KEY (id)
);
INSERT INTO "import_snapshots" VALUES(1,'imp_d7cea9964893','L1','["acme-foods.example", {"leads": [], "external_ids": [], "lead_versions": [], "scores": [], "lane_changes": [], "queue": [], "events": [], "touches": [], "outcomes": [], "parked": [], "accounts": []}]');
INSERT INTO "import_snapshots" VALUES(2,'imp_651ae598c0e9','L1','["acme-foods.example", {"leads": [{"id": "L1", "ref": "92076006d924bece", "account": "acme-foods.example", "email_key": "f391e115ff23268df77b7cbf15177442", "mailbox_key": null, "payment_key": null, "domain": null, "record": "{\"fields\":{\"seats\":80,\"title\":\"CFO\",\"email\":\"ada@acme-foods.example\",\"signed_up_at\":\"2026-09-01T00:00:00Z\"},\"source\":{},\"consent\":null,\"do_not_profile\":null,\"attributes\":{\"Industry\":\"food\"},\"attribute_sources\":{},\"known_at\":{},\"stamp\":\"001791317520 imp_d7cea9964893:2\"}", "contact": "{\"mailbox\":\"corporate\",\"domain\":\"acme-foods.example\",\"phone_kind\":\"missing\",\"phone_country\":null,\"phone_e164\":null,\"seniority\":\"c_level\",\"department\":\"finance\",\"buying_role\":\"decision_maker\",\"country\":null}", "rollup": null, "received_at": "2026-10-06T20:12:00+00:00", "moment": "2026-09-01T00:00:00+00:00", "score": "{\"probability\":0.121951,\"points\":-56.96,\"grade\":\"A3\",\"base_points\":-84.96,\"fit_points\":46.0,\"engagement_points\":-18.0,\"reasons\":[{\"feature\":\"mailbox\",\"caption\":\"Mail address\",\"value\":\"corporate\",\"points\":14.0},{\"feature\":\"seniority\",\"caption\":\"Job title, rank\",\"value\":\"C-level\",\"points\":14.0},{\"feature\":\"seats\",\"caption\":\"Seats asked for\",\"value\":\"80\",\"points\":14.0},{\"feature\":\"active_days_7d\",\"caption\":\"Days active in the last 7\",\"value\":\"0\",\"points\":-14.0},{\"feature\":\"buying_role\",\"caption\":\"Role in buying\",\"value\":\"decision maker\",\"points\":8.0},{\"feature\":\"phone\",\"caption\":\"Phone number\",\"value\":\"missing\",\"points\":-4.0},{\"feature\":\"distinct_actions\",\"caption\":\"Different things done\",\"value\":\"0\",\"points\":-4.0}],\"model\":\"f19775aad530 (100% scorecard)\",\"as_of\":\"2026-09-01T00:00:00Z\"}", "hundredths": -5696, "grade": "A3", "scored_at": "2026-10-06T20:12:00+00:00", "gain_minor": 290341, "minutes": 20, "worth": 9.583079099693286, "hot_at": "2026-09-01T00:00:00+00:00", "lane": "self_serve", "lane_why": "expected gain 145.17 USD a rep minute, below today''s cut-off of 379.19; no mail: no lawful ground to write", "unreached": "below_cut_off", "look_again_at": "2026-10-07T20:12:00+00:00", "rests_until": null, "rep": null, "touched_at": null, "asked_for_rep_at": null, "outcome": null, "outcome_at": null, "credit": null, "unclaimed_at": null}], "external_ids": [], "lead_versions": [{"id": 15, "lead": "L1", "message": "001791317520 imp_d7cea9964893:2", "body": "{\"id\":\"L1\",\"email\":\"ada@acme-foods.example\",\"title\":\"CFO\",\"seats\":80,\"signed_up_at\":\"2026-09-01T00:00:00Z\",\"attributes\":{\"Industry\":\"food\"}}", "received_at": "2026-10-06T20:12:00+00:00"}], "scores": [{"id": 24, "lead": "L1", "at": "2026-10-06T20:12:00+00:00", "score": "{\"probability\":0.121951,\"points\":-56.96,\"grade\":\"A3\",\"base_points\":-84.96,\"fit_points\":46.0,\"engagement_points\":-18.0,\"reasons\":[{\"feature\":\"mailbox\",\"caption\":\"Mail address\",\"value\":\"corporate\",\"points\":14.0},{\"feature\":\"seniority\",\"caption\":\"Job title, rank\",\"value\":\"C-level\",\"points\":14.0},{\"feature\":\"seats\",\"caption\":\"Seats asked for\",\"value\":\"80\",\"points\":14.0},{\"feature\":\"active_days_7d\",\"caption\":\"Days active in the last 7\",\"value\":\"0\",\"points\":-14.0},{\"feature\":\"buying_role\",\"caption\":\"Role in buying\",\"value\":\"decision maker\",\"points\":8.0},{\"feature\":\"phone\",\"caption\":\"Phone number\",\"value\":\"missing\",\"points\":-4.0},{\"feature\":\"distinct_actions\",\"caption\":\"Different things done\",\"value\":\"0\",\"points\":-4.0}],\"model\":\"f19775aad530 (100% scorecard)\",\"as_of\":\"2026-09-01T00:00:00Z\"}"}], "lane_changes": [], "queue": [], "events": [], "touches": [], "outcomes": [], "parked": [], "accounts": []}]');
CREATE TABLE imports (
	id TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	file TEXT NOT NULL, 
	state TEXT NOT NULL, 
	taken BIGINT NOT NULL, 
	rejected BIGINT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_imports PRIMARY KEY (id)
);
INSERT INTO "imports" VALUES('imp_d7cea9964893','leads','old-leads.csv','done',1,0,1791317520000000);
INSERT INTO "imports" VALUES('imp_651ae598c0e9','events','old-events.csv','done',1,0,1791317520000000);
INSERT INTO "imports" VALUES('imp_2a7a695c5a98','leads','wrong-leads.csv','undone',1,0,1791317520000000);
CREATE TABLE key_secrets (
	id INTEGER NOT NULL, 
	"key" TEXT NOT NULL, 
	secret_hash TEXT, 
	signing_secret TEXT, 
	created_at BIGINT NOT NULL, 
	expires_at BIGINT, 
	CONSTRAINT pk_key_secrets PRIMARY KEY (id), 
	CONSTRAINT uq_key_secrets_secret_hash UNIQUE (secret_hash)
);
INSERT INTO "key_secrets" VALUES(1,'key_c5f949a783b684cf',NULL,'whsec_bWFkZSB1cCBmb3IgYSB0ZXN0LCBudW1iZXIgMDE=',1791219600000000,NULL);
INSERT INTO "key_secrets" VALUES(2,'key_12cfebf3e625dcbe','4c124a37efae0bc47ccd691b1830c50a5558f9c5e50299209935c97076fb20ae',NULL,1791219600000000,NULL);
INSERT INTO "key_secrets" VALUES(3,'key_09eeb06103f5d76b','14f2cd41258ac7b92545accd0517e89aa349296e83c01401e7d15e8cbfbaaf8e',NULL,1791219600000000,NULL);
INSERT INTO "key_secrets" VALUES(4,'key_22aa540bb0003b95',NULL,'whsec_bWFkZSB1cCBmb3IgYSB0ZXN0LCBudW1iZXIgMDQ=',1791219600000000,NULL);
INSERT INTO "key_secrets" VALUES(5,'key_7f81fd6328c1adeb',NULL,'whsec_bWFkZSB1cCBmb3IgYSB0ZXN0LCBudW1iZXIgMDU=',1791316800000000,NULL);
INSERT INTO "key_secrets" VALUES(6,'key_0d25928aa04dbe95','d33d400945cf1dffae72cdb165979ba7e642286328d6268e713db9b4db81d131',NULL,1791316920000000,NULL);
INSERT INTO "key_secrets" VALUES(7,'key_c36c35e3e2f952f6','a93cd592d4f726df2700bdb769d958157d302645ccba902475c8cb7ef373f669',NULL,1791317520000000,1791403920000000);
INSERT INTO "key_secrets" VALUES(8,'key_c36c35e3e2f952f6','75bbb19bb1fb97f6be7e3c15e32e903661c27c754ef0b04598de62c8a6f2c46e',NULL,1791317520000000,NULL);
INSERT INTO "key_secrets" VALUES(9,'key_6070445d286cad1d','cccab4eeb312b3f5f3f9b692559c995527d1fb1aeb637908db6e0243802c5eba',NULL,1791317520000000,NULL);
INSERT INTO "key_secrets" VALUES(10,'key_173291670eb10f71','e7b7183c946308b55f2378c89d2b6ce294e3b0f28cbe3658b324e82bdc77cc99',NULL,1793392200000000,NULL);
INSERT INTO "key_secrets" VALUES(11,'key_26ddc3107bec7498',NULL,'whsec_bWFkZSB1cCBmb3IgYSB0ZXN0LCBudW1iZXIgMTE=',1791219600000000,NULL);
CREATE TABLE keys (
	id TEXT NOT NULL, 
	role TEXT NOT NULL, 
	rep TEXT, 
	created_at BIGINT NOT NULL, 
	revoked_at BIGINT, 
	CONSTRAINT pk_keys PRIMARY KEY (id)
);
INSERT INTO "keys" VALUES('key_c5f949a783b684cf','ingest',NULL,1791219600000000,NULL);
INSERT INTO "keys" VALUES('key_12cfebf3e625dcbe','manager',NULL,1791219600000000,NULL);
INSERT INTO "keys" VALUES('key_09eeb06103f5d76b','admin',NULL,1791219600000000,NULL);
INSERT INTO "keys" VALUES('key_22aa540bb0003b95','ingest',NULL,1791219600000000,NULL);
INSERT INTO "keys" VALUES('key_7f81fd6328c1adeb','ingest',NULL,1791316800000000,NULL);
INSERT INTO "keys" VALUES('key_0d25928aa04dbe95','rep','ada',1791316920000000,NULL);
INSERT INTO "keys" VALUES('key_c36c35e3e2f952f6','manager',NULL,1791317520000000,NULL);
INSERT INTO "keys" VALUES('key_6070445d286cad1d','admin',NULL,1791317520000000,1791317520000000);
INSERT INTO "keys" VALUES('key_173291670eb10f71','rep','bob',1793392200000000,NULL);
INSERT INTO "keys" VALUES('key_26ddc3107bec7498','ingest',NULL,1791219600000000,NULL);
CREATE TABLE lane_changes (
	id INTEGER NOT NULL, 
	lead TEXT NOT NULL, 
	transition TEXT NOT NULL, 
	lane TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_lane_changes PRIMARY KEY (id)
);
INSERT INTO "lane_changes" VALUES(1,'lead_a15ebbf6070088c6ecc5','converted','self_serve',1791316800000000);
INSERT INTO "lane_changes" VALUES(2,'dino','resting','self_serve',1791317520000000);
INSERT INTO "lane_changes" VALUES(3,'small0','below_cut_off','self_serve',1793392200000000);
INSERT INTO "lane_changes" VALUES(4,'olaf','objects_to_profiling','self_serve',1793392200000000);
CREATE TABLE lead_versions (
	id INTEGER NOT NULL, 
	lead TEXT NOT NULL, 
	message TEXT NOT NULL, 
	body TEXT NOT NULL, 
	received_at BIGINT NOT NULL, 
	CONSTRAINT pk_lead_versions PRIMARY KEY (id)
);
INSERT INTO "lead_versions" VALUES(1,'shadow-1','001791226800 msg_700002','{"email": "shade@shade-works.example", "id": "shadow-1", "title": "CEO", "seats": 500, "signed_up_at": "2026-10-05T08:00:00Z"}',1791226800000000);
INSERT INTO "lead_versions" VALUES(2,'lead_4231acaab2188a8c5c73','001791316800 msg_700004','{"email": "ines@ines-works.example", "seats": 100, "title": "CFO", "consent": {"ground": "consent", "at": "2026-10-04T10:00:00Z", "wording": "Yes, write to me.", "source": "sign-up form"}, "trial_started_at": "2026-09-30T20:00:00+00:00", "first_name": "Ines", "last_name": "Example", "company": "Ines Works", "country": "US", "external_ids": {"hubspot": "501"}}',1791316800000000);
INSERT INTO "lead_versions" VALUES(3,'lead_fd110b28cfc998d76b39','001791316800 msg_700008','{"email": "jana@jana-works.example", "seats": 100, "title": "CFO", "consent": {"ground": "consent", "at": "2026-10-04T10:00:00Z", "wording": "Yes, write to me.", "source": "sign-up form"}, "trial_started_at": "2026-09-30T20:00:00+00:00", "first_name": "Jana", "last_name": "Example", "company": "Jana Works", "country": "US"}',1791316800000000);
INSERT INTO "lead_versions" VALUES(4,'lead_af324f9b6e8a6ba87012','001791316800 msg_700012','{"email": "kurt@kurt-works.example", "seats": 100, "title": "CFO", "consent": {"ground": "consent", "at": "2026-10-04T10:00:00Z", "wording": "Yes, write to me.", "source": "sign-up form"}, "trial_started_at": "2026-09-30T20:00:00+00:00", "first_name": "Kurt", "last_name": "Example", "company": "Kurt Works", "country": "US"}',1791316800000000);
INSERT INTO "lead_versions" VALUES(5,'lead_5485e9da791cb9145126','001791316800 msg_700016','{"email": "kurt@kurt1-works.example", "seats": 100, "title": "CFO", "consent": {"ground": "consent", "at": "2026-10-04T10:00:00Z", "wording": "Yes, write to me.", "source": "sign-up form"}, "trial_started_at": "2026-09-30T20:00:00+00:00", "first_name": "Kurt", "last_name": "Example", "company": "Kurt Works", "country": "US"}',1791316800000000);
INSERT INTO "lead_versions" VALUES(6,'lead_a15ebbf6070088c6ecc5','001791316800 msg_700020','{"email": "lena@lena-works.example", "seats": 100, "title": "CFO", "consent": {"ground": "consent", "at": "2026-10-04T10:00:00Z", "wording": "Yes, write to me.", "source": "sign-up form"}, "trial_started_at": "2026-09-30T20:00:00+00:00", "first_name": "Lena", "last_name": "Example", "company": "Lena Works", "country": "US"}',1791316800000000);
INSERT INTO "lead_versions" VALUES(7,'lead_7042e86edecf71f8016a','001791316800 msg_700026','{"email": "omar@omar-works.example", "seats": 100, "title": "CFO", "consent": {"ground": "consent", "at": "2026-10-04T10:00:00Z", "wording": "Yes, write to me.", "source": "sign-up form"}, "trial_started_at": "2026-09-30T20:00:00+00:00", "first_name": "Omar", "last_name": "Example", "company": "Omar Works", "country": "US"}',1791316800000000);
INSERT INTO "lead_versions" VALUES(8,'zoe','001791316800 msg_700038','{"email": "zoe@zoe-works.example", "id": "zoe", "first_name": "Zoe", "company": "Zoe Works", "country": "US", "last_name": "D''Arc\u2028\u00c7a\u011fr\u0131 \\n; --", "seats": 200, "title": "CEO", "plan": "enterprise", "attributes": {"large": 9007199254740993, "small": 0.1, "quoted": "it''s 100 %\n{}"}}',1791316800000000);
INSERT INTO "lead_versions" VALUES(9,'carla','001791316800 msg_700040','{"email": "carla@carla-works.example", "id": "carla", "first_name": "Carla", "company": "Carla Works", "country": "US", "seats": 200, "title": "CFO", "phone": "+1 201 555 0123", "plan": "enterprise", "external_ids": {"user": "u-carla"}, "attributes": {"note": "met carla at a fair", "rate": 0.1}}',1791316800000000);
INSERT INTO "lead_versions" VALUES(10,'dino','001791316860 msg_700044','{"email": "dino@dino-works.example", "id": "dino", "first_name": "Dino", "company": "Dino Works", "country": "US", "seats": 200, "title": "CFO", "phone": "+1 201 555 0123", "plan": "enterprise", "external_ids": {"user": "u-dino"}, "attributes": {"note": "met dino at a fair", "rate": 0.1}}',1791316860000000);
INSERT INTO "lead_versions" VALUES(11,'mia','001791317520 msg_700053','{"email": "mia@acme.example", "id": "mia", "title": "CFO", "signed_up_at": "2026-10-01T08:00:00Z", "external_ids": {"user": "u-mia"}, "consent": {"ground": "consent", "at": "2026-10-04T10:00:00Z", "wording": "Yes, write to me.", "source": "sign-up form"}}',1791317520000000);
INSERT INTO "lead_versions" VALUES(12,'mia','001791317520 msg_700055','{"email": "mia@home.example", "id": "mia-home", "company": "Acme", "signed_up_at": "2026-10-02T08:00:00Z", "external_ids": {"hubspot": 7}}',1791317520000000);
INSERT INTO "lead_versions" VALUES(13,'mia','001791317520 msg_700059','{"email": null, "external_ids": {"user": "u-mia", "hubspot": 7}}',1791317520000000);
INSERT INTO "lead_versions" VALUES(14,'small0','001791317520 msg_700061','{"email": "small0@small0-works.example", "id": "small0", "first_name": "Small0", "company": "Small0 Works", "country": "US", "seats": 3}',1791317520000000);
INSERT INTO "lead_versions" VALUES(15,'L1','001791317520 imp_d7cea9964893:2','{"id":"L1","email":"ada@acme-foods.example","title":"CFO","seats":80,"signed_up_at":"2026-09-01T00:00:00Z","attributes":{"Industry":"food"}}',1791317520000000);
INSERT INTO "lead_versions" VALUES(16,'lead_ce54fbdf5f70c0610fdf','001793392200 msg_700069','{"email": "petra@petra-works.example", "seats": 100, "title": "CFO", "consent": {"ground": "consent", "at": "2026-10-04T10:00:00Z", "wording": "Yes, write to me.", "source": "sign-up form"}, "trial_started_at": "2026-10-24T20:30:00+00:00", "first_name": "Petra", "last_name": "Example", "company": "Petra Works", "country": "DE"}',1793392200000000);
INSERT INTO "lead_versions" VALUES(17,'vera','001793392200 msg_700073','{"email": "vera@vera-works.example", "id": "vera", "first_name": "Vera", "company": "Vera Works", "country": "US", "seats": 300, "title": "CEO", "plan": "enterprise"}',1793392200000000);
INSERT INTO "lead_versions" VALUES(18,'wim','001793392200 msg_700075','{"email": "wim@wim-works.example", "id": "wim", "first_name": "Wim", "company": "Wim Works", "country": "US", "seats": 300, "title": "CEO", "plan": "enterprise"}',1793392200000000);
INSERT INTO "lead_versions" VALUES(19,'xenia','001793392200 msg_700077','{"email": "xenia@xenia-works.example", "id": "xenia", "first_name": "Xenia", "company": "Xenia Works", "country": "US", "seats": 300, "title": "CEO", "plan": "enterprise"}',1793392200000000);
INSERT INTO "lead_versions" VALUES(20,'crm/theo','001793392200 msg_700079','{"email": "theo@theo-works.example", "id": "crm/theo", "first_name": "Crm/Theo", "company": "Crm/Theo Works", "country": "US", "seats": 80, "title": "CFO", "plan": "business", "consent": {"ground": "consent", "at": "2026-10-04T10:00:00Z", "wording": "Yes, write to me.", "source": "sign-up form"}, "trial_started_at": "2026-10-24T09:00:00Z"}',1793392200000000);
INSERT INTO "lead_versions" VALUES(21,'nora','001793392200 msg_700083','{"email": "nora@nora-works.example", "id": "nora", "first_name": "Nora", "company": "Nora Works", "country": "US", "seats": 80, "title": "CEO", "do_not_profile": true}',1793392200000000);
INSERT INTO "lead_versions" VALUES(22,'olaf','001793392200 msg_700087','{"email": "olaf@olaf-works.example", "id": "olaf", "first_name": "Olaf", "company": "Olaf Works", "country": "US", "seats": 4}',1793392200000000);
INSERT INTO "lead_versions" VALUES(23,'olaf','001793392200 msg_700089','{"email": "olaf@olaf-works.example", "id": "olaf", "first_name": "Olaf", "company": "Olaf Works", "country": "US", "seats": 4, "do_not_profile": true}',1793392200000000);
CREATE TABLE leads (
	id TEXT NOT NULL, 
	ref TEXT NOT NULL, 
	account TEXT, 
	email_key TEXT, 
	record TEXT NOT NULL, 
	contact TEXT NOT NULL, 
	rollup TEXT, 
	received_at BIGINT NOT NULL, 
	moment BIGINT NOT NULL, 
	score TEXT NOT NULL, 
	hundredths BIGINT NOT NULL, 
	grade TEXT NOT NULL, 
	scored_at BIGINT NOT NULL, 
	gain_minor BIGINT NOT NULL, 
	minutes INTEGER NOT NULL, 
	worth FLOAT NOT NULL, 
	hot_at BIGINT NOT NULL, 
	lane TEXT NOT NULL, 
	lane_why TEXT NOT NULL, 
	unreached TEXT, 
	look_again_at BIGINT, 
	rests_until BIGINT, 
	rep TEXT, 
	touched_at BIGINT, 
	asked_for_rep_at BIGINT, 
	outcome TEXT, 
	outcome_at BIGINT, credit TEXT, unclaimed_at BIGINT, mailbox_key TEXT, payment_key TEXT, domain TEXT, 
	CONSTRAINT pk_leads PRIMARY KEY (id), 
	CONSTRAINT uq_leads_ref UNIQUE (ref)
);
INSERT INTO "leads" VALUES('shadow-1','f9957c3d60257a50','shade-works.example','46b268a8cb3e4c5dff0471eb4b384fe2','{"fields":{"seats":500,"title":"CEO","email":"shade@shade-works.example","signed_up_at":"2026-10-05T08:00:00Z"},"source":{},"consent":null,"do_not_profile":null,"attributes":{},"attribute_sources":{},"known_at":{},"stamp":"001791226800 msg_700002"}','{"mailbox":"corporate","domain":"shade-works.example","phone_kind":"missing","phone_country":null,"phone_e164":null,"seniority":"c_level","department":"general_management","buying_role":"decision_maker","country":null}',NULL,1791226800000000,1791187200000000,'{"probability":0.13759,"points":-52.96,"grade":"A3","base_points":-84.96,"fit_points":50.0,"engagement_points":-18.0,"reasons":[{"feature":"seats","caption":"Seats asked for","value":"500","points":18.0},{"feature":"mailbox","caption":"Mail address","value":"corporate","points":14.0},{"feature":"seniority","caption":"Job title, rank","value":"C-level","points":14.0},{"feature":"active_days_7d","caption":"Days active in the last 7","value":"0","points":-14.0},{"feature":"buying_role","caption":"Role in buying","value":"decision maker","points":8.0},{"feature":"phone","caption":"Phone number","value":"missing","points":-4.0},{"feature":"distinct_actions","caption":"Different things done","value":"0","points":-4.0}],"model":"f19775aad530 (100% scorecard)","as_of":"2026-10-30T20:30:00Z"}',-5296,'A3',1793392200000000,2047339,20,1.15363191855850431009e+01,1791187200000000,'self_serve','expected gain 1,023.67 USD a rep minute, but no rep has minutes today; no mail: no lawful ground to write','below_cut_off',1793478600000000,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "leads" VALUES('lead_4231acaab2188a8c5c73','97b99f6fde365078','ines-works.example','305fef0fd571b9c0dc131be5ba8b2502','{"fields":{"first_name":"Ines","seats":100,"last_name":"Example","country":"US","company":"Ines Works","title":"CFO","email":"ines@ines-works.example","trial_started_at":"2026-09-30T20:00:00Z"},"source":{},"consent":{"ground":"consent","at":"2026-10-04T10:00:00Z","wording":"Yes, write to me.","source":"sign-up form"},"do_not_profile":null,"attributes":{},"attribute_sources":{},"known_at":{},"stamp":"001791316800 msg_700004"}','{"mailbox":"corporate","domain":"ines-works.example","phone_kind":"missing","phone_country":null,"phone_e164":null,"seniority":"c_level","department":"finance","buying_role":"decision_maker","country":"US"}','{"kinds":["any","pricing","invite","integration","export"],"days":{"739895":[1,0,0,0,0]},"names":{"project created":739895}}',1791316800000000,1791316800000000,'{"probability":0.069273,"points":-74.96,"grade":"A4","base_points":-84.96,"fit_points":54.0,"engagement_points":-44.0,"reasons":[{"feature":"days_since_last","caption":"Days since the last action","value":"24","points":-26.0},{"feature":"seats","caption":"Seats asked for","value":"100","points":18.0},{"feature":"mailbox","caption":"Mail address","value":"corporate","points":14.0},{"feature":"seniority","caption":"Job title, rank","value":"C-level","points":14.0},{"feature":"active_days_7d","caption":"Days active in the last 7","value":"0","points":-14.0},{"feature":"buying_role","caption":"Role in buying","value":"decision maker","points":8.0},{"feature":"phone","caption":"Phone number","value":"missing","points":-4.0},{"feature":"mail_matches_company","caption":"Mail domain matches the company''s name","value":"yes","points":4.0},{"feature":"distinct_actions","caption":"Different things done","value":"1","points":-4.0}],"model":"f19775aad530 (100% scorecard)","as_of":"2026-10-30T20:30:00Z"}',-7496,'A4',1793392200000000,206156,20,9.24065616917812882036e+00,1791316800000000,'offer','expected gain 103.08 USD a rep minute, but no rep has minutes today; interest shown and we may write','below_cut_off',1793478600000000,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "leads" VALUES('lead_fd110b28cfc998d76b39','b8bd43f8bfdcb169','jana-works.example','5a65d2e6a1e5c93ccfbdb42fb69208ef','{"fields":{"first_name":"Jana","seats":100,"last_name":"Example","country":"US","company":"Jana Works","title":"CFO","email":"jana@jana-works.example","trial_started_at":"2026-09-30T20:00:00Z"},"source":{},"consent":{"ground":"consent","at":"2026-10-04T10:00:00Z","wording":"Yes, write to me.","source":"sign-up form"},"do_not_profile":null,"attributes":{},"attribute_sources":{},"known_at":{},"stamp":"001791316800 msg_700008"}','{"mailbox":"corporate","domain":"jana-works.example","phone_kind":"missing","phone_country":null,"phone_e164":null,"seniority":"c_level","department":"finance","buying_role":"decision_maker","country":"US"}','{"kinds":["any","pricing","invite","integration","export"],"days":{"739895":[1,0,0,0,0]},"names":{"project created":739895}}',1791316800000000,1791316800000000,'{"probability":0.069273,"points":-74.96,"grade":"A4","base_points":-84.96,"fit_points":54.0,"engagement_points":-44.0,"reasons":[{"feature":"days_since_last","caption":"Days since the last action","value":"24","points":-26.0},{"feature":"seats","caption":"Seats asked for","value":"100","points":18.0},{"feature":"mailbox","caption":"Mail address","value":"corporate","points":14.0},{"feature":"seniority","caption":"Job title, rank","value":"C-level","points":14.0},{"feature":"active_days_7d","caption":"Days active in the last 7","value":"0","points":-14.0},{"feature":"buying_role","caption":"Role in buying","value":"decision maker","points":8.0},{"feature":"phone","caption":"Phone number","value":"missing","points":-4.0},{"feature":"mail_matches_company","caption":"Mail domain matches the company''s name","value":"yes","points":4.0},{"feature":"distinct_actions","caption":"Different things done","value":"1","points":-4.0}],"model":"f19775aad530 (100% scorecard)","as_of":"2026-10-30T20:30:00Z"}',-7496,'A4',1793392200000000,206156,20,9.24065616917812882036e+00,1791316800000000,'offer','expected gain 103.08 USD a rep minute, but no rep has minutes today; interest shown and we may write','below_cut_off',1793478600000000,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "leads" VALUES('lead_af324f9b6e8a6ba87012','ce6392886fce9cec','kurt-works.example','0735e642b33a2ed4e42fc9f2656be4c3','{"fields":{"first_name":"Kurt","seats":100,"last_name":"Example","country":"US","company":"Kurt Works","title":"CFO","email":"kurt@kurt-works.example","trial_started_at":"2026-09-30T20:00:00Z"},"source":{},"consent":{"ground":"consent","at":"2026-10-04T10:00:00Z","wording":"Yes, write to me.","source":"sign-up form"},"do_not_profile":null,"attributes":{},"attribute_sources":{},"known_at":{},"stamp":"001791316800 msg_700012"}','{"mailbox":"corporate","domain":"kurt-works.example","phone_kind":"missing","phone_country":null,"phone_e164":null,"seniority":"c_level","department":"finance","buying_role":"decision_maker","country":"US"}','{"kinds":["any","pricing","invite","integration","export"],"days":{"739895":[1,0,0,0,0]},"names":{"project created":739895}}',1791316800000000,1791316800000000,'{"probability":0.069273,"points":-74.96,"grade":"A4","base_points":-84.96,"fit_points":54.0,"engagement_points":-44.0,"reasons":[{"feature":"days_since_last","caption":"Days since the last action","value":"24","points":-26.0},{"feature":"seats","caption":"Seats asked for","value":"100","points":18.0},{"feature":"mailbox","caption":"Mail address","value":"corporate","points":14.0},{"feature":"seniority","caption":"Job title, rank","value":"C-level","points":14.0},{"feature":"active_days_7d","caption":"Days active in the last 7","value":"0","points":-14.0},{"feature":"buying_role","caption":"Role in buying","value":"decision maker","points":8.0},{"feature":"phone","caption":"Phone number","value":"missing","points":-4.0},{"feature":"mail_matches_company","caption":"Mail domain matches the company''s name","value":"yes","points":4.0},{"feature":"distinct_actions","caption":"Different things done","value":"1","points":-4.0}],"model":"f19775aad530 (100% scorecard)","as_of":"2026-10-30T20:30:00Z"}',-7496,'A4',1793392200000000,206156,20,9.24065616917812882036e+00,1791316800000000,'offer','expected gain 103.08 USD a rep minute, but no rep has minutes today; interest shown and we may write','below_cut_off',1793478600000000,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "leads" VALUES('lead_5485e9da791cb9145126','464669620b583691','kurt1-works.example','dc4b5e2fb82e2a9295033c2bb8b0932d','{"fields":{"first_name":"Kurt","seats":100,"last_name":"Example","country":"US","company":"Kurt Works","title":"CFO","email":"kurt@kurt1-works.example","trial_started_at":"2026-09-30T20:00:00Z"},"source":{},"consent":{"ground":"consent","at":"2026-10-04T10:00:00Z","wording":"Yes, write to me.","source":"sign-up form"},"do_not_profile":null,"attributes":{},"attribute_sources":{},"known_at":{},"stamp":"001791316800 msg_700016"}','{"mailbox":"corporate","domain":"kurt1-works.example","phone_kind":"missing","phone_country":null,"phone_e164":null,"seniority":"c_level","department":"finance","buying_role":"decision_maker","country":"US"}','{"kinds":["any","pricing","invite","integration","export"],"days":{"739895":[1,0,0,0,0]},"names":{"project created":739895}}',1791316800000000,1791316800000000,'{"probability":0.053395,"points":-82.96,"grade":"A4","base_points":-84.96,"fit_points":46.0,"engagement_points":-44.0,"reasons":[{"feature":"days_since_last","caption":"Days since the last action","value":"24","points":-26.0},{"feature":"seats","caption":"Seats asked for","value":"100","points":18.0},{"feature":"mailbox","caption":"Mail address","value":"corporate","points":14.0},{"feature":"seniority","caption":"Job title, rank","value":"C-level","points":14.0},{"feature":"active_days_7d","caption":"Days active in the last 7","value":"0","points":-14.0},{"feature":"buying_role","caption":"Role in buying","value":"decision maker","points":8.0},{"feature":"phone","caption":"Phone number","value":"missing","points":-4.0},{"feature":"mail_matches_company","caption":"Mail domain matches the company''s name","value":"no","points":-4.0},{"feature":"distinct_actions","caption":"Different things done","value":"1","points":-4.0}],"model":"f19775aad530 (100% scorecard)","as_of":"2026-10-30T20:30:00Z"}',-8296,'A4',1793392200000000,158904,20,8.9803232517188,1791316800000000,'offer','expected gain 79.45 USD a rep minute, but no rep has minutes today; interest shown and we may write','below_cut_off',1793478600000000,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "leads" VALUES('lead_a15ebbf6070088c6ecc5','e928bb1899790971','lena-works.example','4c8938dba52e19a8e11b770d6705e749','{"fields":{"first_name":"Lena","seats":100,"last_name":"Example","country":"US","company":"Lena Works","title":"CFO","email":"lena@lena-works.example","trial_started_at":"2026-09-30T20:00:00Z"},"source":{},"consent":{"ground":"consent","at":"2026-10-04T10:00:00Z","wording":"Yes, write to me.","source":"sign-up form"},"do_not_profile":null,"attributes":{},"attribute_sources":{},"known_at":{},"stamp":"001791316800 msg_700020"}','{"mailbox":"corporate","domain":"lena-works.example","phone_kind":"missing","phone_country":null,"phone_e164":null,"seniority":"c_level","department":"finance","buying_role":"decision_maker","country":"US"}','{"kinds":["any","pricing","invite","integration","export"],"days":{"739895":[1,0,0,0,0]},"names":{"project created":739895}}',1791316800000000,1791316800000000,'{"probability":0.254835,"points":-30.96,"grade":"A2","base_points":-84.96,"fit_points":54.0,"engagement_points":0.0,"reasons":[{"feature":"seats","caption":"Seats asked for","value":"100","points":18.0},{"feature":"mailbox","caption":"Mail address","value":"corporate","points":14.0},{"feature":"seniority","caption":"Job title, rank","value":"C-level","points":14.0},{"feature":"buying_role","caption":"Role in buying","value":"decision maker","points":8.0},{"feature":"phone","caption":"Phone number","value":"missing","points":-4.0},{"feature":"mail_matches_company","caption":"Mail domain matches the company''s name","value":"yes","points":4.0},{"feature":"distinct_actions","caption":"Different things done","value":"1","points":-4.0},{"feature":"days_since_last","caption":"Days since the last action","value":"0","points":4.0}],"model":"f19775aad530 (100% scorecard)","as_of":"2026-10-06T20:00:00Z"}',-3096,'A2',1791316800000000,758389,20,1.05432194520443616174e+01,1791316800000000,'self_serve','converted on 6 October 2026','converted',NULL,NULL,NULL,NULL,NULL,'converted',1791316800000000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "leads" VALUES('lead_7042e86edecf71f8016a','6d51137266e6d73e','omar-works.example','c9039ba283d5a15cf23cab50da072ddf','{"fields":{"first_name":"Omar","seats":100,"last_name":"Example","country":"US","company":"Omar Works","title":"CFO","email":"omar@omar-works.example","trial_started_at":"2026-09-30T20:00:00Z"},"source":{},"consent":{"ground":"consent","at":"2026-10-04T10:00:00Z","wording":"Yes, write to me.","source":"sign-up form"},"do_not_profile":null,"attributes":{},"attribute_sources":{},"known_at":{},"stamp":"001791316800 msg_700026"}','{"mailbox":"corporate","domain":"omar-works.example","phone_kind":"missing","phone_country":null,"phone_e164":null,"seniority":"c_level","department":"finance","buying_role":"decision_maker","country":"US"}','{"kinds":["any","pricing","invite","integration","export"],"days":{"739895":[1,0,0,0,0]},"names":{"project created":739895}}',1791316800000000,1791316800000000,'{"probability":0.069273,"points":-74.96,"grade":"A4","base_points":-84.96,"fit_points":54.0,"engagement_points":-44.0,"reasons":[{"feature":"days_since_last","caption":"Days since the last action","value":"24","points":-26.0},{"feature":"seats","caption":"Seats asked for","value":"100","points":18.0},{"feature":"mailbox","caption":"Mail address","value":"corporate","points":14.0},{"feature":"seniority","caption":"Job title, rank","value":"C-level","points":14.0},{"feature":"active_days_7d","caption":"Days active in the last 7","value":"0","points":-14.0},{"feature":"buying_role","caption":"Role in buying","value":"decision maker","points":8.0},{"feature":"phone","caption":"Phone number","value":"missing","points":-4.0},{"feature":"mail_matches_company","caption":"Mail domain matches the company''s name","value":"yes","points":4.0},{"feature":"distinct_actions","caption":"Different things done","value":"1","points":-4.0}],"model":"f19775aad530 (100% scorecard)","as_of":"2026-10-30T20:30:00Z"}',-7496,'A4',1793392200000000,206156,20,9.24065616917812882036e+00,1791316800000000,'offer','expected gain 103.08 USD a rep minute, but no rep has minutes today; interest shown and we may write','below_cut_off',1793478600000000,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "leads" VALUES('erased_380aab74c13a754d','380aab74c13a754d','erased:784da5e312fb894eaa9d02896f95b47f',NULL,'{}','{"mailbox":"missing","domain":null,"phone_kind":"missing","phone_country":null,"phone_e164":null,"seniority":"unknown","department":"unknown","buying_role":null,"country":null}',NULL,1791316800000000,1791316800000000,'{}',-3096,'A2',1791316800000000,758389,20,1.05432194520443616174e+01,1791316800000000,'self_serve','erased',NULL,NULL,NULL,NULL,NULL,NULL,'converted',1791316800000000,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "leads" VALUES('zoe','f4508b7b6a8b239a','zoe-works.example','4d3db1d4c54aeb7768214ed0a5a55487','{"fields":{"first_name":"Zoe","seats":200,"plan":"enterprise","last_name":"D''Arc Çağrı \\n; --","country":"US","company":"Zoe Works","title":"CEO","email":"zoe@zoe-works.example"},"source":{},"consent":null,"do_not_profile":null,"attributes":{"large":9007199254740993,"small":0.1,"quoted":"it''s 100 %\n{}"},"attribute_sources":{},"known_at":{},"stamp":"001791316800 msg_700038"}','{"mailbox":"corporate","domain":"zoe-works.example","phone_kind":"missing","phone_country":null,"phone_e164":null,"seniority":"c_level","department":"general_management","buying_role":"decision_maker","country":"US"}',NULL,1791316800000000,1791316800000000,'{"probability":0.15488,"points":-48.96,"grade":"A3","base_points":-84.96,"fit_points":54.0,"engagement_points":-18.0,"reasons":[{"feature":"seats","caption":"Seats asked for","value":"200","points":18.0},{"feature":"mailbox","caption":"Mail address","value":"corporate","points":14.0},{"feature":"seniority","caption":"Job title, rank","value":"C-level","points":14.0},{"feature":"active_days_7d","caption":"Days active in the last 7","value":"0","points":-14.0},{"feature":"buying_role","caption":"Role in buying","value":"decision maker","points":8.0},{"feature":"phone","caption":"Phone number","value":"missing","points":-4.0},{"feature":"mail_matches_company","caption":"Mail domain matches the company''s name","value":"yes","points":4.0},{"feature":"distinct_actions","caption":"Different things done","value":"0","points":-4.0}],"model":"f19775aad530 (100% scorecard)","as_of":"2026-10-30T20:30:00Z"}',-4896,'A3',1793392200000000,921846,20,1.07384011868344106941e+01,1791316800000000,'rep','it answered or booked a meeting on 6 October 2026; waits in the pool: no rep is available',NULL,1793478600000000,NULL,NULL,1791317520000000,1791317520000000,NULL,NULL,'ada',NULL,NULL,NULL,NULL);
INSERT INTO "leads" VALUES('carla','9568487d32909eac','carla-works.example','20235a3ebfa9088a59c375e125ce4991','{"fields":{"phone":"+1 201 555 0123","first_name":"Carla","seats":200,"plan":"enterprise","country":"US","company":"Carla Works","title":"CFO","email":"carla@carla-works.example"},"source":{},"consent":null,"do_not_profile":null,"attributes":{"note":"met carla at a fair","rate":0.1},"attribute_sources":{},"known_at":{},"stamp":"001791316800 msg_700040"}','{"mailbox":"corporate","domain":"carla-works.example","phone_kind":"fixed_or_mobile","phone_country":"US","phone_e164":"+12015550123","seniority":"c_level","department":"finance","buying_role":"decision_maker","country":"US"}','{"kinds":["any","pricing","invite","integration","export"],"days":{"739895":[1,0,0,0,0]},"names":{"project created":739895}}',1791316800000000,1791316800000000,'{"probability":0.107867,"points":-60.96,"grade":"A4","base_points":-84.96,"fit_points":68.0,"engagement_points":-44.0,"reasons":[{"feature":"days_since_last","caption":"Days since the last action","value":"24","points":-26.0},{"feature":"seats","caption":"Seats asked for","value":"200","points":18.0},{"feature":"mailbox","caption":"Mail address","value":"corporate","points":14.0},{"feature":"seniority","caption":"Job title, rank","value":"C-level","points":14.0},{"feature":"active_days_7d","caption":"Days active in the last 7","value":"0","points":-14.0},{"feature":"phone","caption":"Phone number","value":"fixed or mobile","points":8.0},{"feature":"buying_role","caption":"Role in buying","value":"decision maker","points":8.0},{"feature":"mail_matches_company","caption":"Mail domain matches the company''s name","value":"yes","points":4.0},{"feature":"distinct_actions","caption":"Different things done","value":"1","points":-4.0},{"feature":"phone_country_agrees","caption":"Phone number is from the lead''s country","value":"yes","points":2.0}],"model":"f19775aad530 (100% scorecard)","as_of":"2026-10-30T20:30:00Z"}',-6096,'A4',1793392200000000,642024,20,1.03766486915969444735e+01,1791316800000000,'rep','the plan enterprise has no public price; waits in the pool: no rep is available',NULL,1793478600000000,NULL,NULL,NULL,NULL,NULL,NULL,'ada',NULL,NULL,NULL,NULL);
INSERT INTO "leads" VALUES('dino','7534c122caa6a16b','dino-works.example','5dc29378d6cbd14767b58841e2347f5c','{"fields":{"phone":"+1 201 555 0123","first_name":"Dino","seats":200,"plan":"enterprise","country":"US","company":"Dino Works","title":"CFO","email":"dino@dino-works.example"},"source":{},"consent":null,"do_not_profile":null,"attributes":{"note":"met dino at a fair","rate":0.1},"attribute_sources":{},"known_at":{},"stamp":"001791316860 msg_700044"}','{"mailbox":"corporate","domain":"dino-works.example","phone_kind":"fixed_or_mobile","phone_country":"US","phone_e164":"+12015550123","seniority":"c_level","department":"finance","buying_role":"decision_maker","country":"US"}','{"kinds":["any","pricing","invite","integration","export"],"days":{"739895":[1,0,0,0,0]},"names":{"project created":739895}}',1791316860000000,1791316860000000,'{"probability":0.357142,"points":-16.96,"grade":"A2","base_points":-84.96,"fit_points":68.0,"engagement_points":0.0,"reasons":[{"feature":"seats","caption":"Seats asked for","value":"200","points":18.0},{"feature":"mailbox","caption":"Mail address","value":"corporate","points":14.0},{"feature":"seniority","caption":"Job title, rank","value":"C-level","points":14.0},{"feature":"phone","caption":"Phone number","value":"fixed or mobile","points":8.0},{"feature":"buying_role","caption":"Role in buying","value":"decision maker","points":8.0},{"feature":"mail_matches_company","caption":"Mail domain matches the company''s name","value":"yes","points":4.0},{"feature":"distinct_actions","caption":"Different things done","value":"1","points":-4.0},{"feature":"days_since_last","caption":"Days since the last action","value":"0","points":4.0},{"feature":"phone_country_agrees","caption":"Phone number is from the lead''s country","value":"yes","points":2.0}],"model":"f19775aad530 (100% scorecard)","as_of":"2026-10-06T20:12:00Z"}',-1696,'A2',1791317520000000,2125709,20,1.15738836781976850431e+01,1791316860000000,'self_serve','lost on 6 October 2026','lost',1793909520000000,1791922320000000,'ada',1791317520000000,NULL,'lost',1791317520000000,'ada',NULL,NULL,NULL,NULL);
INSERT INTO "leads" VALUES('mia','0a2f118975f49f10','home.example','94d8c8402258f627547c6e34324c3b5a','{"fields":{"title":"CFO","email":"mia@home.example","signed_up_at":"2026-10-02T08:00:00Z","company":"Acme"},"source":{},"consent":{"ground":"consent","at":"2026-10-04T10:00:00Z","wording":"Yes, write to me.","source":"sign-up form"},"do_not_profile":null,"attributes":{},"attribute_sources":{},"known_at":{"company":"2026-10-06T20:12:00Z","email":"2026-10-06T20:12:00Z","signed_up_at":"2026-10-06T20:12:00Z"},"stamp":"001791317520 msg_700053","stamps":{"fields.company":"001791317520 msg_700055","fields.email":"001791317520 msg_700055","fields.signed_up_at":"001791317520 msg_700055"},"ended_trials":0}','{"mailbox":"corporate","domain":"home.example","phone_kind":"missing","phone_country":null,"phone_e164":null,"seniority":"c_level","department":"finance","buying_role":"decision_maker","country":null}','{"kinds":["any","pricing","invite","integration","export"],"days":{"739895":[1,1,0,0,0]},"names":{"pricing page viewed":739895}}',1791317520000000,1790841600000000,'{"probability":0.040996,"points":-90.96,"grade":"A4","base_points":-84.96,"fit_points":28.0,"engagement_points":-34.0,"reasons":[{"feature":"days_since_last","caption":"Days since the last action","value":"24","points":-26.0},{"feature":"mailbox","caption":"Mail address","value":"corporate","points":14.0},{"feature":"seniority","caption":"Job title, rank","value":"C-level","points":14.0},{"feature":"active_days_7d","caption":"Days active in the last 7","value":"0","points":-14.0},{"feature":"pricing_total","caption":"Pricing page seen","value":"1","points":10.0},{"feature":"buying_role","caption":"Role in buying","value":"decision maker","points":8.0},{"feature":"phone","caption":"Phone number","value":"missing","points":-4.0},{"feature":"mail_matches_company","caption":"Mail domain matches the company''s name","value":"no","points":-4.0},{"feature":"distinct_actions","caption":"Different things done","value":"1","points":-4.0}],"model":"f19775aad530 (100% scorecard)","as_of":"2026-10-30T20:30:00Z"}',-9096,'A4',1793392200000000,12200,20,6.413458957167357255e+00,1791317520000000,'offer','expected gain 6.10 USD a rep minute, but no rep has minutes today; interest shown and we may write','below_cut_off',1793478600000000,NULL,NULL,NULL,NULL,NULL,NULL,'ada',NULL,NULL,NULL,NULL);
INSERT INTO "leads" VALUES('small0','7f24a92301736975','small0-works.example','d1c2e9ed6c7ed69ea269667b250abab0','{"fields":{"first_name":"Small0","seats":3,"country":"US","company":"Small0 Works","email":"small0@small0-works.example"},"source":{},"consent":null,"do_not_profile":null,"attributes":{},"attribute_sources":{},"known_at":{},"stamp":"001791317520 msg_700061"}','{"mailbox":"corporate","domain":"small0-works.example","phone_kind":"missing","phone_country":null,"phone_e164":null,"seniority":"unknown","department":"unknown","buying_role":null,"country":"US"}',NULL,1791317520000000,1791317520000000,'{"probability":0.043809,"points":-88.96,"grade":"B3","base_points":-84.96,"fit_points":14.0,"engagement_points":-18.0,"reasons":[{"feature":"mailbox","caption":"Mail address","value":"corporate","points":14.0},{"feature":"active_days_7d","caption":"Days active in the last 7","value":"0","points":-14.0},{"feature":"phone","caption":"Phone number","value":"missing","points":-4.0},{"feature":"mail_matches_company","caption":"Mail domain matches the company''s name","value":"yes","points":4.0},{"feature":"distinct_actions","caption":"Different things done","value":"0","points":-4.0}],"model":"f19775aad530 (100% scorecard)","as_of":"2026-10-30T20:30:00Z"}',-8896,'B3',1793392200000000,3911,15,5.56349817365330423513e+00,1791317520000000,'self_serve','expected gain 2.61 USD a rep minute, but no rep has minutes today; no mail: no lawful ground to write','below_cut_off',1793478600000000,NULL,NULL,NULL,NULL,NULL,NULL,'ada',NULL,NULL,NULL,NULL);
INSERT INTO "leads" VALUES('erased_41e34880ec5e32ec','41e34880ec5e32ec','erased:bcf402cc08a3a231f2c41da7bc301749',NULL,'{}','{"mailbox":"missing","domain":null,"phone_kind":"missing","phone_country":null,"phone_e164":null,"seniority":"unknown","department":"unknown","buying_role":null,"country":null}',NULL,1791317520000000,1791317520000000,'{}',-8896,'B3',1791317520000000,2608,15,5.15828872194433341036e+00,1791317520000000,'self_serve','erased',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'ada',NULL,NULL,NULL,NULL);
INSERT INTO "leads" VALUES('L1','92076006d924bece','acme-foods.example','f391e115ff23268df77b7cbf15177442','{"fields":{"seats":80,"title":"CFO","email":"ada@acme-foods.example","signed_up_at":"2026-09-01T00:00:00Z"},"source":{},"consent":null,"do_not_profile":null,"attributes":{"Industry":"food"},"attribute_sources":{},"known_at":{},"stamp":"001791317520 imp_d7cea9964893:2"}','{"mailbox":"corporate","domain":"acme-foods.example","phone_kind":"missing","phone_country":null,"phone_e164":null,"seniority":"c_level","department":"finance","buying_role":"decision_maker","country":null}','{"kinds":["any","pricing","invite","integration","export"],"days":{"739862":[1,0,0,0,0]},"names":{"project created":739862}}',1791317520000000,1788220800000000,'{"probability":0.053395,"points":-82.96,"grade":"A4","base_points":-84.96,"fit_points":46.0,"engagement_points":-44.0,"reasons":[{"feature":"days_since_last","caption":"Days since the last action","value":"57","points":-26.0},{"feature":"mailbox","caption":"Mail address","value":"corporate","points":14.0},{"feature":"seniority","caption":"Job title, rank","value":"C-level","points":14.0},{"feature":"seats","caption":"Seats asked for","value":"80","points":14.0},{"feature":"active_days_7d","caption":"Days active in the last 7","value":"0","points":-14.0},{"feature":"buying_role","caption":"Role in buying","value":"decision maker","points":8.0},{"feature":"phone","caption":"Phone number","value":"missing","points":-4.0},{"feature":"distinct_actions","caption":"Different things done","value":"1","points":-4.0}],"model":"f19775aad530 (100% scorecard)","as_of":"2026-10-30T20:30:00Z"}',-8296,'A4',1793392200000000,127123,20,8.75717812712640686356e+00,1788429600000000,'self_serve','expected gain 63.56 USD a rep minute, but no rep has minutes today; no mail: no lawful ground to write','below_cut_off',1793478600000000,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "leads" VALUES('lead_ce54fbdf5f70c0610fdf','54bce6cf7bbafaa6','petra-works.example','e8c451fd88a2786e54ba305f21e5022a','{"fields":{"first_name":"Petra","seats":100,"last_name":"Example","country":"DE","company":"Petra Works","title":"CFO","email":"petra@petra-works.example","trial_started_at":"2026-10-24T20:30:00Z"},"source":{},"consent":{"ground":"consent","at":"2026-10-04T10:00:00Z","wording":"Yes, write to me.","source":"sign-up form"},"do_not_profile":null,"attributes":{},"attribute_sources":{},"known_at":{},"stamp":"001793392200 msg_700069"}','{"mailbox":"corporate","domain":"petra-works.example","phone_kind":"missing","phone_country":null,"phone_e164":null,"seniority":"c_level","department":"finance","buying_role":"decision_maker","country":"DE"}','{"kinds":["any","pricing","invite","integration","export"],"days":{"739919":[1,0,0,0,0]},"names":{"project created":739919}}',1793392200000000,1793392200000000,'{"probability":0.254835,"points":-30.96,"grade":"A2","base_points":-84.96,"fit_points":54.0,"engagement_points":0.0,"reasons":[{"feature":"seats","caption":"Seats asked for","value":"100","points":18.0},{"feature":"mailbox","caption":"Mail address","value":"corporate","points":14.0},{"feature":"seniority","caption":"Job title, rank","value":"C-level","points":14.0},{"feature":"buying_role","caption":"Role in buying","value":"decision maker","points":8.0},{"feature":"phone","caption":"Phone number","value":"missing","points":-4.0},{"feature":"mail_matches_company","caption":"Mail domain matches the company''s name","value":"yes","points":4.0},{"feature":"distinct_actions","caption":"Different things done","value":"1","points":-4.0},{"feature":"days_since_last","caption":"Days since the last action","value":"0","points":4.0}],"model":"f19775aad530 (100% scorecard)","as_of":"2026-10-30T20:30:00Z"}',-3096,'A2',1793392200000000,758389,20,1.05432194520443616174e+01,1793392200000000,'offer','expected gain 379.19 USD a rep minute, but no rep has minutes today; interest shown and we may write','below_cut_off',1793478600000000,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "leads" VALUES('vera','d7e433419a84375c','vera-works.example','f05827430e5aa28cca73f4d6bab6a9ac','{"fields":{"first_name":"Vera","seats":300,"plan":"enterprise","country":"US","company":"Vera Works","title":"CEO","email":"vera@vera-works.example"},"source":{},"consent":null,"do_not_profile":null,"attributes":{},"attribute_sources":{},"known_at":{},"stamp":"001793392200 msg_700073"}','{"mailbox":"corporate","domain":"vera-works.example","phone_kind":"missing","phone_country":null,"phone_e164":null,"seniority":"c_level","department":"general_management","buying_role":"decision_maker","country":"US"}',NULL,1793392200000000,1793392200000000,'{"probability":0.15488,"points":-48.96,"grade":"A3","base_points":-84.96,"fit_points":54.0,"engagement_points":-18.0,"reasons":[{"feature":"seats","caption":"Seats asked for","value":"300","points":18.0},{"feature":"mailbox","caption":"Mail address","value":"corporate","points":14.0},{"feature":"seniority","caption":"Job title, rank","value":"C-level","points":14.0},{"feature":"active_days_7d","caption":"Days active in the last 7","value":"0","points":-14.0},{"feature":"buying_role","caption":"Role in buying","value":"decision maker","points":8.0},{"feature":"phone","caption":"Phone number","value":"missing","points":-4.0},{"feature":"mail_matches_company","caption":"Mail domain matches the company''s name","value":"yes","points":4.0},{"feature":"distinct_actions","caption":"Different things done","value":"0","points":-4.0}],"model":"f19775aad530 (100% scorecard)","as_of":"2026-10-30T20:30:00Z"}',-4896,'A3',1793392200000000,1382769,20,1.11438662949425744126e+01,1793392200000000,'rep','the plan enterprise has no public price',NULL,1793478600000000,NULL,'bob',NULL,NULL,NULL,NULL,'bob',NULL,NULL,NULL,NULL);
INSERT INTO "leads" VALUES('wim','d015913147c2fba0','wim-works.example','12a4f4e41decbbea002d9c8d9c43ef38','{"fields":{"first_name":"Wim","seats":300,"plan":"enterprise","country":"US","company":"Wim Works","title":"CEO","email":"wim@wim-works.example"},"source":{},"consent":null,"do_not_profile":null,"attributes":{},"attribute_sources":{},"known_at":{},"stamp":"001793392200 msg_700075"}','{"mailbox":"corporate","domain":"wim-works.example","phone_kind":"missing","phone_country":null,"phone_e164":null,"seniority":"c_level","department":"general_management","buying_role":"decision_maker","country":"US"}',NULL,1793392200000000,1793392200000000,'{"probability":0.15488,"points":-48.96,"grade":"A3","base_points":-84.96,"fit_points":54.0,"engagement_points":-18.0,"reasons":[{"feature":"seats","caption":"Seats asked for","value":"300","points":18.0},{"feature":"mailbox","caption":"Mail address","value":"corporate","points":14.0},{"feature":"seniority","caption":"Job title, rank","value":"C-level","points":14.0},{"feature":"active_days_7d","caption":"Days active in the last 7","value":"0","points":-14.0},{"feature":"buying_role","caption":"Role in buying","value":"decision maker","points":8.0},{"feature":"phone","caption":"Phone number","value":"missing","points":-4.0},{"feature":"mail_matches_company","caption":"Mail domain matches the company''s name","value":"yes","points":4.0},{"feature":"distinct_actions","caption":"Different things done","value":"0","points":-4.0}],"model":"f19775aad530 (100% scorecard)","as_of":"2026-10-30T20:30:00Z"}',-4896,'A3',1793392200000000,1382769,20,1.11438662949425744126e+01,1793392200000000,'rep','the plan enterprise has no public price',NULL,1793478600000000,NULL,'bob',NULL,NULL,NULL,NULL,'bob',NULL,NULL,NULL,NULL);
INSERT INTO "leads" VALUES('xenia','ca0bf0b185ad434b','xenia-works.example','45e9bbe1f6b28ba0a6b22818023d4f88','{"fields":{"first_name":"Xenia","seats":300,"plan":"enterprise","country":"US","company":"Xenia Works","title":"CEO","email":"xenia@xenia-works.example"},"source":{},"consent":null,"do_not_profile":null,"attributes":{},"attribute_sources":{},"known_at":{},"stamp":"001793392200 msg_700077"}','{"mailbox":"corporate","domain":"xenia-works.example","phone_kind":"missing","phone_country":null,"phone_e164":null,"seniority":"c_level","department":"general_management","buying_role":"decision_maker","country":"US"}',NULL,1793392200000000,1793392200000000,'{"probability":0.15488,"points":-48.96,"grade":"A3","base_points":-84.96,"fit_points":54.0,"engagement_points":-18.0,"reasons":[{"feature":"seats","caption":"Seats asked for","value":"300","points":18.0},{"feature":"mailbox","caption":"Mail address","value":"corporate","points":14.0},{"feature":"seniority","caption":"Job title, rank","value":"C-level","points":14.0},{"feature":"active_days_7d","caption":"Days active in the last 7","value":"0","points":-14.0},{"feature":"buying_role","caption":"Role in buying","value":"decision maker","points":8.0},{"feature":"phone","caption":"Phone number","value":"missing","points":-4.0},{"feature":"mail_matches_company","caption":"Mail domain matches the company''s name","value":"yes","points":4.0},{"feature":"distinct_actions","caption":"Different things done","value":"0","points":-4.0}],"model":"f19775aad530 (100% scorecard)","as_of":"2026-10-30T20:30:00Z"}',-4896,'A3',1793392200000000,1382769,20,1.11438662949425744126e+01,1793392200000000,'rep','the plan enterprise has no public price',NULL,1793478600000000,NULL,'bob',NULL,NULL,NULL,NULL,'bob',NULL,NULL,NULL,NULL);
INSERT INTO "leads" VALUES('crm/theo','601175e841bc7c43','theo-works.example','e89999f3dfedd2ca01ff89ea359239da','{"fields":{"first_name":"Crm/Theo","seats":80,"plan":"business","country":"US","company":"Crm/Theo Works","title":"CFO","email":"theo@theo-works.example","trial_started_at":"2026-10-24T09:00:00Z"},"source":{},"consent":{"ground":"consent","at":"2026-10-04T10:00:00Z","wording":"Yes, write to me.","source":"sign-up form"},"do_not_profile":null,"attributes":{},"attribute_sources":{},"known_at":{},"stamp":"001793392200 msg_700079"}','{"mailbox":"corporate","domain":"theo-works.example","phone_kind":"missing","phone_country":null,"phone_e164":null,"seniority":"c_level","department":"finance","buying_role":"decision_maker","country":"US"}','{"kinds":["any","pricing","invite","integration","export"],"days":{"739919":[1,0,0,0,0]},"names":{"project created":739919}}',1793392200000000,1793392200000000,'{"probability":0.229414,"points":-34.96,"grade":"A2","base_points":-84.96,"fit_points":50.0,"engagement_points":0.0,"reasons":[{"feature":"mailbox","caption":"Mail address","value":"corporate","points":14.0},{"feature":"seniority","caption":"Job title, rank","value":"C-level","points":14.0},{"feature":"seats","caption":"Seats asked for","value":"80","points":14.0},{"feature":"buying_role","caption":"Role in buying","value":"decision maker","points":8.0},{"feature":"phone","caption":"Phone number","value":"missing","points":-4.0},{"feature":"mail_matches_company","caption":"Mail domain matches the company''s name","value":"yes","points":4.0},{"feature":"distinct_actions","caption":"Different things done","value":"1","points":-4.0},{"feature":"days_since_last","caption":"Days since the last action","value":"0","points":4.0}],"model":"f19775aad530 (100% scorecard)","as_of":"2026-10-30T20:30:00Z"}',-3496,'A2',1793392200000000,546189,20,1.02149880751217843051e+01,1793392200000000,'rep','expected gain 273.09 USD a rep minute; every lead of the last day fits the reps'' minutes',NULL,1793478600000000,NULL,'bob',NULL,NULL,NULL,NULL,'bob',NULL,NULL,NULL,NULL);
INSERT INTO "leads" VALUES('nora','df5b83657c083d9c','nora-works.example','74a48f44cb580a92173b0446864c2142','{"fields":{"first_name":"Nora","seats":80,"country":"US","company":"Nora Works","title":"CEO","email":"nora@nora-works.example"},"source":{},"consent":null,"do_not_profile":true,"attributes":{},"attribute_sources":{},"known_at":{},"stamp":"001793392200 msg_700083"}','{"mailbox":"corporate","domain":"nora-works.example","phone_kind":"missing","phone_country":null,"phone_e164":null,"seniority":"c_level","department":"general_management","buying_role":"decision_maker","country":"US"}','{"kinds":["any","pricing","invite","integration","export"],"days":{"739919":[1,0,0,0,0]},"names":{"project created":739919}}',1793392200000000,1793392200000000,'null',0,'D4',1793392200000000,0,1,0.0,1793392200000000,'self_serve','it objects to profiling: neither scored nor routed','objects_to_profiling',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "leads" VALUES('olaf','58a7b52f982ca83d','olaf-works.example','a86da9e1bb4cad93a933043fa1a1995d','{"fields":{"first_name":"Olaf","seats":4,"country":"US","company":"Olaf Works","email":"olaf@olaf-works.example"},"source":{},"consent":null,"do_not_profile":true,"attributes":{},"attribute_sources":{},"known_at":{},"stamp":"001793392200 msg_700087","stamps":{"fields.first_name":"001793392200 msg_700089","fields.seats":"001793392200 msg_700089","fields.country":"001793392200 msg_700089","fields.company":"001793392200 msg_700089","fields.email":"001793392200 msg_700089","do_not_profile":"001793392200 msg_700089"},"ended_trials":0}','{"mailbox":"corporate","domain":"olaf-works.example","phone_kind":"missing","phone_country":null,"phone_e164":null,"seniority":"unknown","department":"unknown","buying_role":null,"country":"US"}',NULL,1793392200000000,1793392200000000,'null',0,'D4',1793392200000000,0,1,0.0,1793392200000000,'self_serve','it objects to profiling: neither scored nor routed','objects_to_profiling',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'ada',NULL,NULL,NULL,NULL);
CREATE TABLE ledger (
	number BIGINT NOT NULL, 
	at BIGINT NOT NULL, 
	offer TEXT NOT NULL, 
	step TEXT NOT NULL, 
	facts TEXT NOT NULL, 
	"before" TEXT NOT NULL, 
	hash TEXT NOT NULL, 
	CONSTRAINT pk_ledger PRIMARY KEY (number)
);
INSERT INTO "ledger" VALUES(1,1791219600000000,'policy:eefc77f8bd8b','policy_published','{"author":"key_12cfebf3e625dcbe","by":"key_09eeb06103f5d76b","instead_of":null,"policy":"story@eefc77f8bd8b","proved":14,"reason_sha256":"6878488e617cf7dfa41488a137eae625d8263c570828db60a84fa1df50d96c20"}','0000000000000000000000000000000000000000000000000000000000000000','f1f22b4d4c2486b125e63efe65a371790fbf7bcb23d0da0b3946da4690e1c433');
INSERT INTO "ledger" VALUES(2,1791223200000000,'policy:9af6fa9bb1dd','policy_published','{"author":"key_12cfebf3e625dcbe","by":"key_09eeb06103f5d76b","instead_of":"eefc77f8bd8b","policy":"story@9af6fa9bb1dd","proved":14,"reason_sha256":"6878488e617cf7dfa41488a137eae625d8263c570828db60a84fa1df50d96c20"}','f1f22b4d4c2486b125e63efe65a371790fbf7bcb23d0da0b3946da4690e1c433','7511d6cac07007d8d0db7d7be8c9cf17686ce05abe19335a76b119bbc9173a58');
INSERT INTO "ledger" VALUES(3,1791226800000000,'policy:eefc77f8bd8b','policy_restored','{"author":"key_12cfebf3e625dcbe","by":"key_09eeb06103f5d76b","instead_of":"9af6fa9bb1dd","policy":"story@eefc77f8bd8b","proved":14,"reason_sha256":"25e1a31da24944101adb761ea06ea8df95e0725b4ac7185bfc574b8fde3b593f"}','7511d6cac07007d8d0db7d7be8c9cf17686ce05abe19335a76b119bbc9173a58','ee32402b758e0c79d3e68527a0bfac87d28dd762f36a2a4c70cd5aebb3e774a4');
INSERT INTO "ledger" VALUES(4,1791316800000000,'offer_5875a310668c29a7a495','issued','{"account":"0d4d0bb876db0196edac70449c9a4ad2","by":"system","lead":"97b99f6fde365078","number":1,"policy":"story@eefc77f8bd8b","rule":"three-more-months","terms":{"approval":"none","ends_at":"2026-11-01T09:59:59Z","gets":{"pay_by":{"by":"month_end","min_days":7},"seats":100,"term_months":12},"gives":{"extra_months":3},"needs_card_country":null,"policy_id":"story","policy_version":"eefc77f8bd8b","quote":{"cost_minor":744000,"currency":"USD","delivered_list_minor":3720000,"extra_months":3,"extra_seats":0,"list_minor":2976000,"list_per_seat_month_minor":2480,"net_minor":2976000,"net_per_seat_month_minor":1984,"other_cost_minor":0,"percent_off_hundredths":2000,"plan":"business","renewal_minor":2976000,"seats":100,"term_months":12},"reserve_currency":"USD","reserve_minor":744000,"rule":"three-more-months","sentence":"three extra months for 100 or more seats on a 12-month term, paid by 31 October 2026","timezone":"Pacific/Honolulu","why":"Time on the subscription costs little to give; a price cut never comes back."}}','ee32402b758e0c79d3e68527a0bfac87d28dd762f36a2a4c70cd5aebb3e774a4','c2b627c039a24c7740e89ad4a263f4498e5d2911c46e23772aed8a92db774da4');
INSERT INTO "ledger" VALUES(5,1791316800000000,'offer_5875a310668c29a7a495','sent','{"account":"0d4d0bb876db0196edac70449c9a4ad2","by":"worker","number":1,"policy":"story@eefc77f8bd8b","rule":"three-more-months"}','c2b627c039a24c7740e89ad4a263f4498e5d2911c46e23772aed8a92db774da4','a12641dfbe4da36351502fde752e122606f22d9e824ba33931fb1d372a47247c');
INSERT INTO "ledger" VALUES(6,1791316800000000,'offer_3714063d9ce873092008','issued','{"account":"fd7e3a901155c873daa33d2e3eb5d6f4","by":"system","lead":"b8bd43f8bfdcb169","number":2,"policy":"story@eefc77f8bd8b","rule":"three-more-months","terms":{"approval":"none","ends_at":"2026-11-01T09:59:59Z","gets":{"pay_by":{"by":"month_end","min_days":7},"seats":100,"term_months":12},"gives":{"extra_months":3},"needs_card_country":null,"policy_id":"story","policy_version":"eefc77f8bd8b","quote":{"cost_minor":744000,"currency":"USD","delivered_list_minor":3720000,"extra_months":3,"extra_seats":0,"list_minor":2976000,"list_per_seat_month_minor":2480,"net_minor":2976000,"net_per_seat_month_minor":1984,"other_cost_minor":0,"percent_off_hundredths":2000,"plan":"business","renewal_minor":2976000,"seats":100,"term_months":12},"reserve_currency":"USD","reserve_minor":744000,"rule":"three-more-months","sentence":"three extra months for 100 or more seats on a 12-month term, paid by 31 October 2026","timezone":"Pacific/Honolulu","why":"Time on the subscription costs little to give; a price cut never comes back."}}','a12641dfbe4da36351502fde752e122606f22d9e824ba33931fb1d372a47247c','d0831b81d3aa3acecff3428d07f96e5e3c73bf3db1ee39d14b7acc0f2eb1fae3');
INSERT INTO "ledger" VALUES(7,1791316800000000,'offer_3714063d9ce873092008','viewed','{"account":"fd7e3a901155c873daa33d2e3eb5d6f4","by":"customer","number":2,"policy":"story@eefc77f8bd8b","rule":"three-more-months"}','d0831b81d3aa3acecff3428d07f96e5e3c73bf3db1ee39d14b7acc0f2eb1fae3','f417b5cd1407eca86a36969fa28a6ac8fa9f4e715eb479daa9d74c695fc40156');
INSERT INTO "ledger" VALUES(8,1791316800000000,'offer_618d10f2a4ebc95fb7e9','issued','{"account":"3c8011db041c9a1a33ef47817bcbbf72","by":"system","lead":"464669620b583691","number":3,"policy":"story@eefc77f8bd8b","rule":"three-more-months","terms":{"approval":"none","ends_at":"2026-11-01T09:59:59Z","gets":{"pay_by":{"by":"month_end","min_days":7},"seats":100,"term_months":12},"gives":{"extra_months":3},"needs_card_country":null,"policy_id":"story","policy_version":"eefc77f8bd8b","quote":{"cost_minor":744000,"currency":"USD","delivered_list_minor":3720000,"extra_months":3,"extra_seats":0,"list_minor":2976000,"list_per_seat_month_minor":2480,"net_minor":2976000,"net_per_seat_month_minor":1984,"other_cost_minor":0,"percent_off_hundredths":2000,"plan":"business","renewal_minor":2976000,"seats":100,"term_months":12},"reserve_currency":"USD","reserve_minor":744000,"rule":"three-more-months","sentence":"three extra months for 100 or more seats on a 12-month term, paid by 31 October 2026","timezone":"Pacific/Honolulu","why":"Time on the subscription costs little to give; a price cut never comes back."}}','f417b5cd1407eca86a36969fa28a6ac8fa9f4e715eb479daa9d74c695fc40156','886fdb07969cd67a7e978e3eeb3ea45c90a690de4718e890ae2f62d89c029228');
INSERT INTO "ledger" VALUES(9,1791316800000000,'offer_618d10f2a4ebc95fb7e9','accepted','{"account":"3c8011db041c9a1a33ef47817bcbbf72","by":"customer","number":3,"policy":"story@eefc77f8bd8b","rule":"three-more-months"}','886fdb07969cd67a7e978e3eeb3ea45c90a690de4718e890ae2f62d89c029228','e580c370d55203c40e698c578d44e9a0f84f8224875f8861530fcf8629580f4a');
INSERT INTO "ledger" VALUES(10,1791316800000000,'offer_6ad0962ae65e60fbb5ce','issued','{"account":"a2888a85b552b789eac0fbb9fd117cea","by":"system","lead":"e928bb1899790971","number":4,"policy":"story@eefc77f8bd8b","rule":"three-more-months","terms":{"approval":"none","ends_at":"2026-11-01T09:59:59Z","gets":{"pay_by":{"by":"month_end","min_days":7},"seats":100,"term_months":12},"gives":{"extra_months":3},"needs_card_country":null,"policy_id":"story","policy_version":"eefc77f8bd8b","quote":{"cost_minor":744000,"currency":"USD","delivered_list_minor":3720000,"extra_months":3,"extra_seats":0,"list_minor":2976000,"list_per_seat_month_minor":2480,"net_minor":2976000,"net_per_seat_month_minor":1984,"other_cost_minor":0,"percent_off_hundredths":2000,"plan":"business","renewal_minor":2976000,"seats":100,"term_months":12},"reserve_currency":"USD","reserve_minor":744000,"rule":"three-more-months","sentence":"three extra months for 100 or more seats on a 12-month term, paid by 31 October 2026","timezone":"Pacific/Honolulu","why":"Time on the subscription costs little to give; a price cut never comes back."}}','e580c370d55203c40e698c578d44e9a0f84f8224875f8861530fcf8629580f4a','5f025306df0952da9e375a76cdff93e2743383adaaa20cdd6996f7435d18cbe3');
INSERT INTO "ledger" VALUES(11,1791316800000000,'offer_6ad0962ae65e60fbb5ce','accepted','{"account":"a2888a85b552b789eac0fbb9fd117cea","by":"customer","number":4,"policy":"story@eefc77f8bd8b","rule":"three-more-months"}','5f025306df0952da9e375a76cdff93e2743383adaaa20cdd6996f7435d18cbe3','9a4d9afc150bb767757acfbe911ea8e0328be035b228b53fbe92eb9796c16e43');
INSERT INTO "ledger" VALUES(12,1791316800000000,'offer_6ad0962ae65e60fbb5ce','redeemed','{"account":"a2888a85b552b789eac0fbb9fd117cea","by":"key_c5f949a783b684cf","number":4,"policy":"story@eefc77f8bd8b","rule":"three-more-months","settled_minor":744000}','9a4d9afc150bb767757acfbe911ea8e0328be035b228b53fbe92eb9796c16e43','bced8f907cd773674027e4ed9d23eedd7d4c142c7e887e441e573e56375c3cca');
INSERT INTO "ledger" VALUES(13,1791316800000000,'offer_a13948ae2df65246bd24','issued','{"account":"2c38eb26fda19b90e3cea89fc5032574","by":"system","lead":"6d51137266e6d73e","number":5,"policy":"story@eefc77f8bd8b","rule":"three-more-months","terms":{"approval":"none","ends_at":"2026-11-01T09:59:59Z","gets":{"pay_by":{"by":"month_end","min_days":7},"seats":100,"term_months":12},"gives":{"extra_months":3},"needs_card_country":null,"policy_id":"story","policy_version":"eefc77f8bd8b","quote":{"cost_minor":744000,"currency":"USD","delivered_list_minor":3720000,"extra_months":3,"extra_seats":0,"list_minor":2976000,"list_per_seat_month_minor":2480,"net_minor":2976000,"net_per_seat_month_minor":1984,"other_cost_minor":0,"percent_off_hundredths":2000,"plan":"business","renewal_minor":2976000,"seats":100,"term_months":12},"reserve_currency":"USD","reserve_minor":744000,"rule":"three-more-months","sentence":"three extra months for 100 or more seats on a 12-month term, paid by 31 October 2026","timezone":"Pacific/Honolulu","why":"Time on the subscription costs little to give; a price cut never comes back."}}','bced8f907cd773674027e4ed9d23eedd7d4c142c7e887e441e573e56375c3cca','afb886adfd1567ceebc75062f00baa84b9316d35a74c8829bde5e629fccbfb04');
INSERT INTO "ledger" VALUES(14,1791316800000000,'offer_a13948ae2df65246bd24','redeemed','{"account":"2c38eb26fda19b90e3cea89fc5032574","by":"key_c5f949a783b684cf","number":5,"policy":"story@eefc77f8bd8b","rule":"three-more-months","settled_minor":744000}','afb886adfd1567ceebc75062f00baa84b9316d35a74c8829bde5e629fccbfb04','b64868b1adbc0e51fac8ddda2c3e7b4e456f8b29584df0ec2f450fcb669bca22');
INSERT INTO "ledger" VALUES(15,1791316800000000,'offer_a13948ae2df65246bd24','reversed','{"account":"2c38eb26fda19b90e3cea89fc5032574","by":"key_c5f949a783b684cf","number":5,"policy":"story@eefc77f8bd8b","rule":"three-more-months","settled_minor":0}','b64868b1adbc0e51fac8ddda2c3e7b4e456f8b29584df0ec2f450fcb669bca22','3c984ea0e7d15705f7148e9c08338ef224d89dab46db028ff005f2792d1952c8');
INSERT INTO "ledger" VALUES(16,1791316800000000,'offer_3714063d9ce873092008','withdrawn','{"account":"fd7e3a901155c873daa33d2e3eb5d6f4","by":"key_12cfebf3e625dcbe","number":2,"policy":"story@eefc77f8bd8b","rule":"three-more-months"}','3c984ea0e7d15705f7148e9c08338ef224d89dab46db028ff005f2792d1952c8','7da7cda5272de42ff1ba952c9ba7f51fef76055f1f6a5cea7635ee77e17c4aad');
INSERT INTO "ledger" VALUES(17,1791316800000000,'offer_335d392a5e6511a912a6','issued','{"account":"784da5e312fb894eaa9d02896f95b47f","by":"system","lead":"380aab74c13a754d","number":6,"policy":"story@eefc77f8bd8b","rule":"three-more-months","terms":{"approval":"none","ends_at":"2026-11-01T09:59:59Z","gets":{"pay_by":{"by":"month_end","min_days":7},"seats":100,"term_months":12},"gives":{"extra_months":3},"needs_card_country":null,"policy_id":"story","policy_version":"eefc77f8bd8b","quote":{"cost_minor":744000,"currency":"USD","delivered_list_minor":3720000,"extra_months":3,"extra_seats":0,"list_minor":2976000,"list_per_seat_month_minor":2480,"net_minor":2976000,"net_per_seat_month_minor":1984,"other_cost_minor":0,"percent_off_hundredths":2000,"plan":"business","renewal_minor":2976000,"seats":100,"term_months":12},"reserve_currency":"USD","reserve_minor":744000,"rule":"three-more-months","sentence":"three extra months for 100 or more seats on a 12-month term, paid by 31 October 2026","timezone":"Pacific/Honolulu","why":"Time on the subscription costs little to give; a price cut never comes back."}}','7da7cda5272de42ff1ba952c9ba7f51fef76055f1f6a5cea7635ee77e17c4aad','d3949cc9a38d4607291297e5dac533a016f36bb8c219aee8f3c4e43b627d1ff5');
INSERT INTO "ledger" VALUES(18,1791316800000000,'offer_335d392a5e6511a912a6','sent','{"account":"784da5e312fb894eaa9d02896f95b47f","by":"worker","number":6,"policy":"story@eefc77f8bd8b","rule":"three-more-months"}','d3949cc9a38d4607291297e5dac533a016f36bb8c219aee8f3c4e43b627d1ff5','fee1d4a79aeb2dbafca33bc40891fb363a96e4f28bbc1d2cafda42e7a8c13258');
INSERT INTO "ledger" VALUES(19,1791316800000000,'offer_335d392a5e6511a912a6','accepted','{"account":"784da5e312fb894eaa9d02896f95b47f","by":"customer","number":6,"policy":"story@eefc77f8bd8b","rule":"three-more-months"}','fee1d4a79aeb2dbafca33bc40891fb363a96e4f28bbc1d2cafda42e7a8c13258','41aafee6daceb0d2a7dbc88f0fc17935ac7521e6eff665473cc3896f0a494ff0');
INSERT INTO "ledger" VALUES(20,1791316800000000,'offer_335d392a5e6511a912a6','redeemed','{"account":"784da5e312fb894eaa9d02896f95b47f","by":"key_c5f949a783b684cf","number":6,"policy":"story@eefc77f8bd8b","rule":"three-more-months","settled_minor":744000}','41aafee6daceb0d2a7dbc88f0fc17935ac7521e6eff665473cc3896f0a494ff0','9019cbf6fc79f93800dc52649cfc1081ca9abb742f22a91578729894edf7f593');
INSERT INTO "ledger" VALUES(21,1793392200000000,'offer_8c35223300d6f611b3c5','issued','{"account":"e5dcce779f62a0461c179e4887de3f61","by":"system","lead":"54bce6cf7bbafaa6","number":7,"policy":"story@eefc77f8bd8b","rule":"three-more-months","terms":{"approval":"none","ends_at":"2026-11-30T22:59:59Z","gets":{"pay_by":{"by":"month_end","min_days":7},"seats":100,"term_months":12},"gives":{"extra_months":3},"needs_card_country":null,"policy_id":"story","policy_version":"eefc77f8bd8b","quote":{"cost_minor":744000,"currency":"USD","delivered_list_minor":3720000,"extra_months":3,"extra_seats":0,"list_minor":2976000,"list_per_seat_month_minor":2480,"net_minor":2976000,"net_per_seat_month_minor":1984,"other_cost_minor":0,"percent_off_hundredths":2000,"plan":"business","renewal_minor":2976000,"seats":100,"term_months":12},"reserve_currency":"USD","reserve_minor":744000,"rule":"three-more-months","sentence":"three extra months for 100 or more seats on a 12-month term, paid by 30 November 2026","timezone":"Europe/Berlin","why":"Time on the subscription costs little to give; a price cut never comes back."}}','9019cbf6fc79f93800dc52649cfc1081ca9abb742f22a91578729894edf7f593','d64d053ef97eb9cb2eb31a487056952ae9f1078ef5ca0b4ee432317b7fb9f1bf');
INSERT INTO "ledger" VALUES(22,1793392200000000,'offer_5a5270daca331d7a5196','awaiting_approval','{"account":"fc31d6ecdf8edc04a0331aaeabf122ef","by":"bob","lead":"601175e841bc7c43","number":8,"policy":"story@eefc77f8bd8b","rule":"team-deal","terms":{"approval":"rep","ends_at":"2026-11-14T09:59:59Z","gets":{"seats":50,"term_months":24},"gives":{"percent_off":10},"needs_card_country":null,"policy_id":"story","policy_version":"eefc77f8bd8b","quote":{"cost_minor":476160,"currency":"USD","delivered_list_minor":4761600,"extra_months":0,"extra_seats":0,"list_minor":4761600,"list_per_seat_month_minor":2480,"net_minor":4285440,"net_per_seat_month_minor":2232,"other_cost_minor":0,"percent_off_hundredths":1000,"plan":"business","renewal_minor":4761600,"seats":80,"term_months":24},"reserve_currency":"USD","reserve_minor":476160,"rule":"team-deal","sentence":"10% off for 50 or more seats on a 24-month term, valid until 13 November 2026","timezone":"Pacific/Honolulu","why":"A big team and a long term earn more than the cut costs."}}','d64d053ef97eb9cb2eb31a487056952ae9f1078ef5ca0b4ee432317b7fb9f1bf','e19b9476f2b03f1c405424e6305563fd7c3a1306556d01a6f2913001ee5e5709');
CREATE TABLE limits (
	name TEXT NOT NULL, 
	period TEXT NOT NULL, 
	used BIGINT NOT NULL, 
	CONSTRAINT pk_limits PRIMARY KEY (name, period)
);
INSERT INTO "limits" VALUES('open_offers','',4);
INSERT INTO "limits" VALUES('budget','2026-10',4196160);
INSERT INTO "limits" VALUES('by:bob','2026-10',476160);
CREATE TABLE live_days (
	policy_version TEXT NOT NULL, 
	rule TEXT NOT NULL, 
	day TEXT NOT NULL, 
	gives TEXT NOT NULL, 
	condition TEXT NOT NULL, 
	CONSTRAINT pk_live_days PRIMARY KEY (policy_version, rule, day)
);
INSERT INTO "live_days" VALUES('eefc77f8bd8b','three-more-months','2026-10-06','extra_months','lane == "offer" and trial_day >= 5 and seats_requested >= 60 and not rep_contacted');
INSERT INTO "live_days" VALUES('eefc77f8bd8b','three-more-months','2026-10-30','extra_months','lane == "offer" and trial_day >= 5 and seats_requested >= 60 and not rep_contacted');
INSERT INTO "live_days" VALUES('eefc77f8bd8b','team-deal','2026-10-30','percent_off','seats_requested >= 50 and plan == "business" and trial_day >= 1 and not rep_contacted');
CREATE TABLE messages (
	sender TEXT NOT NULL, 
	id TEXT NOT NULL, 
	body_hash TEXT NOT NULL, 
	status INTEGER NOT NULL, 
	answer TEXT NOT NULL, 
	received_at BIGINT NOT NULL, 
	CONSTRAINT pk_messages PRIMARY KEY (sender, id)
);
INSERT INTO "messages" VALUES('key_c5f949a783b684cf','msg_700069','d69cb3eba75d673b129ef24914e3dd1bf13d78516161a37556d899ec16b1c599',200,'{"lead_id":"lead_ce54fbdf5f70c0610fdf","lane":"offer","lane_why":"expected gain 230.46 USD a rep minute, but no rep has minutes today; interest shown and we may write","rep":null,"duplicate":false,"warnings":[],"score":{"probability":0.15488,"points":-48.96,"grade":"A3","base_points":-84.96,"fit_points":54.0,"engagement_points":-18.0,"reasons":[{"feature":"seats","caption":"Seats asked for","value":"100","points":18.0},{"feature":"mailbox","caption":"Mail address","value":"corporate","points":14.0},{"feature":"seniority","caption":"Job title, rank","value":"C-level","points":14.0},{"feature":"active_days_7d","caption":"Days active in the last 7","value":"0","points":-14.0},{"feature":"buying_role","caption":"Role in buying","value":"decision maker","points":8.0},{"feature":"phone","caption":"Phone number","value":"missing","points":-4.0},{"feature":"mail_matches_company","caption":"Mail domain matches the company''s name","value":"yes","points":4.0},{"feature":"distinct_actions","caption":"Different things done","value":"0","points":-4.0}],"model":"f19775aad530 (100% scorecard)","as_of":"2026-10-30T20:30:00Z"}}',1793392200000000);
INSERT INTO "messages" VALUES('key_c5f949a783b684cf','msg_700071','c210679131335456559fd54a068449d9266c7beb31d266f644f49da53b9e691e',200,'{"accepted":1,"duplicates":0,"rejected":[]}',1793392200000000);
INSERT INTO "messages" VALUES('key_c5f949a783b684cf','msg_700073','8f543ea9052aebd481e2ba24d83ab044ce2bbf5dc6663ed393b80f68f3810d03',200,'{"lead_id":"vera","lane":"rep","lane_why":"the plan enterprise has no public price","rep":"bob","duplicate":false,"warnings":[],"score":{"probability":0.15488,"points":-48.96,"grade":"A3","base_points":-84.96,"fit_points":54.0,"engagement_points":-18.0,"reasons":[{"feature":"seats","caption":"Seats asked for","value":"300","points":18.0},{"feature":"mailbox","caption":"Mail address","value":"corporate","points":14.0},{"feature":"seniority","caption":"Job title, rank","value":"C-level","points":14.0},{"feature":"active_days_7d","caption":"Days active in the last 7","value":"0","points":-14.0},{"feature":"buying_role","caption":"Role in buying","value":"decision maker","points":8.0},{"feature":"phone","caption":"Phone number","value":"missing","points":-4.0},{"feature":"mail_matches_company","caption":"Mail domain matches the company''s name","value":"yes","points":4.0},{"feature":"distinct_actions","caption":"Different things done","value":"0","points":-4.0}],"model":"f19775aad530 (100% scorecard)","as_of":"2026-10-30T20:30:00Z"}}',1793392200000000);
INSERT INTO "messages" VALUES('key_c5f949a783b684cf','msg_700075','732db0d7b8a9e8f911eaa46e68a8aa3c94eed834b9e47e2dffb0d53c1a1bb2d9',200,'{"lead_id":"wim","lane":"rep","lane_why":"the plan enterprise has no public price","rep":"bob","duplicate":false,"warnings":[],"score":{"probability":0.15488,"points":-48.96,"grade":"A3","base_points":-84.96,"fit_points":54.0,"engagement_points":-18.0,"reasons":[{"feature":"seats","caption":"Seats asked for","value":"300","points":18.0},{"feature":"mailbox","caption":"Mail address","value":"corporate","points":14.0},{"feature":"seniority","caption":"Job title, rank","value":"C-level","points":14.0},{"feature":"active_days_7d","caption":"Days active in the last 7","value":"0","points":-14.0},{"feature":"buying_role","caption":"Role in buying","value":"decision maker","points":8.0},{"feature":"phone","caption":"Phone number","value":"missing","points":-4.0},{"feature":"mail_matches_company","caption":"Mail domain matches the company''s name","value":"yes","points":4.0},{"feature":"distinct_actions","caption":"Different things done","value":"0","points":-4.0}],"model":"f19775aad530 (100% scorecard)","as_of":"2026-10-30T20:30:00Z"}}',1793392200000000);
INSERT INTO "messages" VALUES('key_c5f949a783b684cf','msg_700077','f6543fda686ec7016999ed72e58e1089b76f5c840de6cfdef7527448d824bf64',200,'{"lead_id":"xenia","lane":"rep","lane_why":"the plan enterprise has no public price","rep":"bob","duplicate":false,"warnings":[],"score":{"probability":0.15488,"points":-48.96,"grade":"A3","base_points":-84.96,"fit_points":54.0,"engagement_points":-18.0,"reasons":[{"feature":"seats","caption":"Seats asked for","value":"300","points":18.0},{"feature":"mailbox","caption":"Mail address","value":"corporate","points":14.0},{"feature":"seniority","caption":"Job title, rank","value":"C-level","points":14.0},{"feature":"active_days_7d","caption":"Days active in the last 7","value":"0","points":-14.0},{"feature":"buying_role","caption":"Role in buying","value":"decision maker","points":8.0},{"feature":"phone","caption":"Phone number","value":"missing","points":-4.0},{"feature":"mail_matches_company","caption":"Mail domain matches the company''s name","value":"yes","points":4.0},{"feature":"distinct_actions","caption":"Different things done","value":"0","points":-4.0}],"model":"f19775aad530 (100% scorecard)","as_of":"2026-10-30T20:30:00Z"}}',1793392200000000);
INSERT INTO "messages" VALUES('key_c5f949a783b684cf','msg_700079','cbf41a546bc9a3f8385be45b1fcd5731ce8ff9a59fff8f68ffe8015c6d56f332',200,'{"lead_id":"crm/theo","lane":"rep","lane_why":"expected gain 163.79 USD a rep minute; every lead of the last day fits the reps'' minutes","rep":"bob","duplicate":false,"warnings":[],"score":{"probability":0.13759,"points":-52.96,"grade":"A3","base_points":-84.96,"fit_points":50.0,"engagement_points":-18.0,"reasons":[{"feature":"mailbox","caption":"Mail address","value":"corporate","points":14.0},{"feature":"seniority","caption":"Job title, rank","value":"C-level","points":14.0},{"feature":"seats","caption":"Seats asked for","value":"80","points":14.0},{"feature":"active_days_7d","caption":"Days active in the last 7","value":"0","points":-14.0},{"feature":"buying_role","caption":"Role in buying","value":"decision maker","points":8.0},{"feature":"phone","caption":"Phone number","value":"missing","points":-4.0},{"feature":"mail_matches_company","caption":"Mail domain matches the company''s name","value":"yes","points":4.0},{"feature":"distinct_actions","caption":"Different things done","value":"0","points":-4.0}],"model":"f19775aad530 (100% scorecard)","as_of":"2026-10-30T20:30:00Z"}}',1793392200000000);
INSERT INTO "messages" VALUES('key_c5f949a783b684cf','msg_700081','4864962647df1038d058a52685f19fa124b1cce61d7aed42874c54bf7d03fe40',200,'{"accepted":1,"duplicates":0,"rejected":[]}',1793392200000000);
INSERT INTO "messages" VALUES('key_26ddc3107bec7498','msg_700083','af99049760396615b7fec236c82ad29612f6854e419f92fa5729990ffad281ab',200,'{"lead_id":"nora","lane":"self_serve","lane_why":"it objects to profiling: neither scored nor routed","rep":null,"duplicate":false,"warnings":[],"score":null}',1793392200000000);
INSERT INTO "messages" VALUES('key_26ddc3107bec7498','msg_700085','801157f30a9b4bbe62f4212309b94b87aeaedb647f2789cac03366395816adf4',200,'{"accepted":1,"duplicates":0,"rejected":[]}',1793392200000000);
INSERT INTO "messages" VALUES('key_26ddc3107bec7498','msg_700087','c751a1a8f680dc3d12b1f749b3e47cc74cb968793deb636d713628c2bee82eb5',200,'{"lead_id":"olaf","lane":"rep","lane_why":"expected gain 3.48 USD a rep minute; every lead of the last day fits the reps'' minutes","rep":"ada","duplicate":false,"warnings":[],"score":{"probability":0.043809,"points":-88.96,"grade":"B3","base_points":-84.96,"fit_points":14.0,"engagement_points":-18.0,"reasons":[{"feature":"mailbox","caption":"Mail address","value":"corporate","points":14.0},{"feature":"active_days_7d","caption":"Days active in the last 7","value":"0","points":-14.0},{"feature":"phone","caption":"Phone number","value":"missing","points":-4.0},{"feature":"mail_matches_company","caption":"Mail domain matches the company''s name","value":"yes","points":4.0},{"feature":"distinct_actions","caption":"Different things done","value":"0","points":-4.0}],"model":"f19775aad530 (100% scorecard)","as_of":"2026-10-30T20:30:00Z"}}',1793392200000000);
INSERT INTO "messages" VALUES('key_26ddc3107bec7498','msg_700089','e2648e3cbbc24b2cbee5f7e07bd90cec771d6ea9d0227a6cd75ccbce5ee1fb74',200,'{"lead_id":"olaf","lane":"self_serve","lane_why":"it objects to profiling: neither scored nor routed","rep":null,"duplicate":true,"warnings":[],"score":null}',1793392200000000);
CREATE TABLE objections (
	id TEXT NOT NULL, 
	label TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	CONSTRAINT pk_objections PRIMARY KEY (id)
);
INSERT INTO "objections" VALUES('price','Too dear',0);
INSERT INTO "objections" VALUES('legal','Legal must look',1);
INSERT INTO "objections" VALUES('no_time','No time',2);
CREATE TABLE offers (
	id TEXT NOT NULL, 
	number BIGINT NOT NULL, 
	lead TEXT NOT NULL, 
	account TEXT NOT NULL, 
	rule TEXT NOT NULL, 
	policy_id TEXT NOT NULL, 
	policy_version TEXT NOT NULL, 
	terms TEXT NOT NULL, 
	state TEXT NOT NULL, 
	"by" TEXT NOT NULL, 
	approved_by TEXT, 
	invoice TEXT, 
	reserve_minor BIGINT NOT NULL, 
	settled_minor BIGINT, 
	issued_at BIGINT NOT NULL, 
	ends_at BIGINT NOT NULL, 
	changed_at BIGINT NOT NULL, code TEXT, 
	CONSTRAINT pk_offers PRIMARY KEY (id), 
	CONSTRAINT uq_offers_number UNIQUE (number)
);
INSERT INTO "offers" VALUES('offer_5875a310668c29a7a495',1,'lead_4231acaab2188a8c5c73','ines-works.example','three-more-months','story','eefc77f8bd8b','{"policy_id":"story","policy_version":"eefc77f8bd8b","rule":"three-more-months","why":"Time on the subscription costs little to give; a price cut never comes back.","email":"extra-months","gives":{"extra_months":3},"gets":{"seats":100,"term_months":12,"pay_by":{"by":"month_end","min_days":7}},"quote":{"plan":"business","currency":"USD","seats":100,"term_months":12,"extra_seats":0,"extra_months":3,"list_per_seat_month_minor":2480,"list_minor":2976000,"net_minor":2976000,"other_cost_minor":0,"delivered_list_minor":3720000,"cost_minor":744000,"percent_off_hundredths":2000,"net_per_seat_month_minor":1984,"renewal_minor":2976000},"reserve_minor":744000,"reserve_currency":"USD","ends_at":"2026-11-01T09:59:59Z","timezone":"Pacific/Honolulu","sentence":"three extra months for 100 or more seats on a 12-month term, paid by 31 October 2026","approval":"none","needs_card_country":null}','sent','system',NULL,NULL,744000,NULL,1791316800000000,1793527199000000,1791316800000000,'NMAKZEZJ266C');
INSERT INTO "offers" VALUES('offer_3714063d9ce873092008',2,'lead_fd110b28cfc998d76b39','jana-works.example','three-more-months','story','eefc77f8bd8b','{"policy_id":"story","policy_version":"eefc77f8bd8b","rule":"three-more-months","why":"Time on the subscription costs little to give; a price cut never comes back.","email":"extra-months","gives":{"extra_months":3},"gets":{"seats":100,"term_months":12,"pay_by":{"by":"month_end","min_days":7}},"quote":{"plan":"business","currency":"USD","seats":100,"term_months":12,"extra_seats":0,"extra_months":3,"list_per_seat_month_minor":2480,"list_minor":2976000,"net_minor":2976000,"other_cost_minor":0,"delivered_list_minor":3720000,"cost_minor":744000,"percent_off_hundredths":2000,"net_per_seat_month_minor":1984,"renewal_minor":2976000},"reserve_minor":744000,"reserve_currency":"USD","ends_at":"2026-11-01T09:59:59Z","timezone":"Pacific/Honolulu","sentence":"three extra months for 100 or more seats on a 12-month term, paid by 31 October 2026","approval":"none","needs_card_country":null}','withdrawn','system',NULL,NULL,744000,NULL,1791316800000000,1793527199000000,1791316800000000,'66PY6DQ9F2ZC');
INSERT INTO "offers" VALUES('offer_618d10f2a4ebc95fb7e9',3,'lead_5485e9da791cb9145126','kurt1-works.example','three-more-months','story','eefc77f8bd8b','{"policy_id":"story","policy_version":"eefc77f8bd8b","rule":"three-more-months","why":"Time on the subscription costs little to give; a price cut never comes back.","email":"extra-months","gives":{"extra_months":3},"gets":{"seats":100,"term_months":12,"pay_by":{"by":"month_end","min_days":7}},"quote":{"plan":"business","currency":"USD","seats":100,"term_months":12,"extra_seats":0,"extra_months":3,"list_per_seat_month_minor":2480,"list_minor":2976000,"net_minor":2976000,"other_cost_minor":0,"delivered_list_minor":3720000,"cost_minor":744000,"percent_off_hundredths":2000,"net_per_seat_month_minor":1984,"renewal_minor":2976000},"reserve_minor":744000,"reserve_currency":"USD","ends_at":"2026-11-01T09:59:59Z","timezone":"Pacific/Honolulu","sentence":"three extra months for 100 or more seats on a 12-month term, paid by 31 October 2026","approval":"none","needs_card_country":null}','accepted','system',NULL,NULL,744000,NULL,1791316800000000,1793527199000000,1791316800000000,'3293J8V48A6F');
INSERT INTO "offers" VALUES('offer_6ad0962ae65e60fbb5ce',4,'lead_a15ebbf6070088c6ecc5','lena-works.example','three-more-months','story','eefc77f8bd8b','{"policy_id":"story","policy_version":"eefc77f8bd8b","rule":"three-more-months","why":"Time on the subscription costs little to give; a price cut never comes back.","email":"extra-months","gives":{"extra_months":3},"gets":{"seats":100,"term_months":12,"pay_by":{"by":"month_end","min_days":7}},"quote":{"plan":"business","currency":"USD","seats":100,"term_months":12,"extra_seats":0,"extra_months":3,"list_per_seat_month_minor":2480,"list_minor":2976000,"net_minor":2976000,"other_cost_minor":0,"delivered_list_minor":3720000,"cost_minor":744000,"percent_off_hundredths":2000,"net_per_seat_month_minor":1984,"renewal_minor":2976000},"reserve_minor":744000,"reserve_currency":"USD","ends_at":"2026-11-01T09:59:59Z","timezone":"Pacific/Honolulu","sentence":"three extra months for 100 or more seats on a 12-month term, paid by 31 October 2026","approval":"none","needs_card_country":null}','redeemed','system',NULL,'in_1',744000,744000,1791316800000000,1793527199000000,1791316800000000,'XX748BW55WFZ');
INSERT INTO "offers" VALUES('offer_a13948ae2df65246bd24',5,'lead_7042e86edecf71f8016a','omar-works.example','three-more-months','story','eefc77f8bd8b','{"policy_id":"story","policy_version":"eefc77f8bd8b","rule":"three-more-months","why":"Time on the subscription costs little to give; a price cut never comes back.","email":"extra-months","gives":{"extra_months":3},"gets":{"seats":100,"term_months":12,"pay_by":{"by":"month_end","min_days":7}},"quote":{"plan":"business","currency":"USD","seats":100,"term_months":12,"extra_seats":0,"extra_months":3,"list_per_seat_month_minor":2480,"list_minor":2976000,"net_minor":2976000,"other_cost_minor":0,"delivered_list_minor":3720000,"cost_minor":744000,"percent_off_hundredths":2000,"net_per_seat_month_minor":1984,"renewal_minor":2976000},"reserve_minor":744000,"reserve_currency":"USD","ends_at":"2026-11-01T09:59:59Z","timezone":"Pacific/Honolulu","sentence":"three extra months for 100 or more seats on a 12-month term, paid by 31 October 2026","approval":"none","needs_card_country":null}','reversed','system',NULL,'in_3',744000,0,1791316800000000,1793527199000000,1791316800000000,'27WPKVAMSWHV');
INSERT INTO "offers" VALUES('offer_335d392a5e6511a912a6',6,'erased_380aab74c13a754d','erased:784da5e312fb894eaa9d02896f95b47f','three-more-months','story','eefc77f8bd8b','{"policy_id":"story","policy_version":"eefc77f8bd8b","rule":"three-more-months","why":"Time on the subscription costs little to give; a price cut never comes back.","email":"extra-months","gives":{"extra_months":3},"gets":{"seats":100,"term_months":12,"pay_by":{"by":"month_end","min_days":7}},"quote":{"plan":"business","currency":"USD","seats":100,"term_months":12,"extra_seats":0,"extra_months":3,"list_per_seat_month_minor":2480,"list_minor":2976000,"net_minor":2976000,"other_cost_minor":0,"delivered_list_minor":3720000,"cost_minor":744000,"percent_off_hundredths":2000,"net_per_seat_month_minor":1984,"renewal_minor":2976000},"reserve_minor":744000,"reserve_currency":"USD","ends_at":"2026-11-01T09:59:59Z","timezone":"Pacific/Honolulu","sentence":"three extra months for 100 or more seats on a 12-month term, paid by 31 October 2026","approval":"none","needs_card_country":null}','redeemed','system',NULL,'in_2',744000,744000,1791316800000000,1793527199000000,1791316800000000,'68K2EVRXCQVC');
INSERT INTO "offers" VALUES('offer_8c35223300d6f611b3c5',7,'lead_ce54fbdf5f70c0610fdf','petra-works.example','three-more-months','story','eefc77f8bd8b','{"policy_id":"story","policy_version":"eefc77f8bd8b","rule":"three-more-months","why":"Time on the subscription costs little to give; a price cut never comes back.","email":"extra-months","gives":{"extra_months":3},"gets":{"seats":100,"term_months":12,"pay_by":{"by":"month_end","min_days":7}},"quote":{"plan":"business","currency":"USD","seats":100,"term_months":12,"extra_seats":0,"extra_months":3,"list_per_seat_month_minor":2480,"list_minor":2976000,"net_minor":2976000,"other_cost_minor":0,"delivered_list_minor":3720000,"cost_minor":744000,"percent_off_hundredths":2000,"net_per_seat_month_minor":1984,"renewal_minor":2976000},"reserve_minor":744000,"reserve_currency":"USD","ends_at":"2026-11-30T22:59:59Z","timezone":"Europe/Berlin","sentence":"three extra months for 100 or more seats on a 12-month term, paid by 30 November 2026","approval":"none","needs_card_country":null}','issued','system',NULL,NULL,744000,NULL,1793392200000000,1796079599000000,1793392200000000,'J6SA8WVZNGFM');
INSERT INTO "offers" VALUES('offer_5a5270daca331d7a5196',8,'crm/theo','theo-works.example','team-deal','story','eefc77f8bd8b','{"policy_id":"story","policy_version":"eefc77f8bd8b","rule":"team-deal","why":"A big team and a long term earn more than the cut costs.","email":"extra-months","gives":{"percent_off":10},"gets":{"seats":50,"term_months":24},"quote":{"plan":"business","currency":"USD","seats":80,"term_months":24,"extra_seats":0,"extra_months":0,"list_per_seat_month_minor":2480,"list_minor":4761600,"net_minor":4285440,"other_cost_minor":0,"delivered_list_minor":4761600,"cost_minor":476160,"percent_off_hundredths":1000,"net_per_seat_month_minor":2232,"renewal_minor":4761600},"reserve_minor":476160,"reserve_currency":"USD","ends_at":"2026-11-14T09:59:59Z","timezone":"Pacific/Honolulu","sentence":"10% off for 50 or more seats on a 24-month term, valid until 13 November 2026","approval":"rep","needs_card_country":null}','awaiting_approval','bob',NULL,NULL,476160,NULL,1793392200000000,1794650399000000,1793392200000000,'AQWRBF59JGQB');
CREATE TABLE outbox (
	id TEXT NOT NULL, 
	lead TEXT NOT NULL, 
	offer TEXT, 
	email TEXT NOT NULL, 
	context TEXT NOT NULL, 
	state TEXT NOT NULL, 
	reason TEXT, 
	decided_at BIGINT NOT NULL, 
	due_at BIGINT NOT NULL, 
	lease_until BIGINT, 
	attempts INTEGER NOT NULL, 
	ended_at BIGINT, begun_at BIGINT, 
	CONSTRAINT pk_outbox PRIMARY KEY (id)
);
INSERT INTO "outbox" VALUES('mail_6cc51e5375d514d87d80','lead_4231acaab2188a8c5c73','offer_5875a310668c29a7a495','extra-months','{"number":1,"terms":{"policy_id":"story","policy_version":"eefc77f8bd8b","rule":"three-more-months","why":"Time on the subscription costs little to give; a price cut never comes back.","email":"extra-months","gives":{"extra_months":3},"gets":{"seats":100,"term_months":12,"pay_by":{"by":"month_end","min_days":7}},"quote":{"plan":"business","currency":"USD","seats":100,"term_months":12,"extra_seats":0,"extra_months":3,"list_per_seat_month_minor":2480,"list_minor":2976000,"net_minor":2976000,"other_cost_minor":0,"delivered_list_minor":3720000,"cost_minor":744000,"percent_off_hundredths":2000,"net_per_seat_month_minor":1984,"renewal_minor":2976000},"reserve_minor":744000,"reserve_currency":"USD","ends_at":"2026-11-01T09:59:59Z","timezone":"Pacific/Honolulu","sentence":"three extra months for 100 or more seats on a 12-month term, paid by 31 October 2026","approval":"none","needs_card_country":null}}','sent',NULL,1791316800000000,1791316800000000,NULL,1,1791316800000000,NULL);
INSERT INTO "outbox" VALUES('mail_2268217fa019194d67d1','lead_fd110b28cfc998d76b39','offer_3714063d9ce873092008','extra-months','{"number":2,"terms":{"policy_id":"story","policy_version":"eefc77f8bd8b","rule":"three-more-months","why":"Time on the subscription costs little to give; a price cut never comes back.","email":"extra-months","gives":{"extra_months":3},"gets":{"seats":100,"term_months":12,"pay_by":{"by":"month_end","min_days":7}},"quote":{"plan":"business","currency":"USD","seats":100,"term_months":12,"extra_seats":0,"extra_months":3,"list_per_seat_month_minor":2480,"list_minor":2976000,"net_minor":2976000,"other_cost_minor":0,"delivered_list_minor":3720000,"cost_minor":744000,"percent_off_hundredths":2000,"net_per_seat_month_minor":1984,"renewal_minor":2976000},"reserve_minor":744000,"reserve_currency":"USD","ends_at":"2026-11-01T09:59:59Z","timezone":"Pacific/Honolulu","sentence":"three extra months for 100 or more seats on a 12-month term, paid by 31 October 2026","approval":"none","needs_card_country":null}}','sent',NULL,1791316800000000,1791316800000000,NULL,1,1791316800000000,NULL);
INSERT INTO "outbox" VALUES('mail_5718ef99f6395026e81c','lead_5485e9da791cb9145126','offer_618d10f2a4ebc95fb7e9','extra-months','{"number":3,"terms":{"policy_id":"story","policy_version":"eefc77f8bd8b","rule":"three-more-months","why":"Time on the subscription costs little to give; a price cut never comes back.","email":"extra-months","gives":{"extra_months":3},"gets":{"seats":100,"term_months":12,"pay_by":{"by":"month_end","min_days":7}},"quote":{"plan":"business","currency":"USD","seats":100,"term_months":12,"extra_seats":0,"extra_months":3,"list_per_seat_month_minor":2480,"list_minor":2976000,"net_minor":2976000,"other_cost_minor":0,"delivered_list_minor":3720000,"cost_minor":744000,"percent_off_hundredths":2000,"net_per_seat_month_minor":1984,"renewal_minor":2976000},"reserve_minor":744000,"reserve_currency":"USD","ends_at":"2026-11-01T09:59:59Z","timezone":"Pacific/Honolulu","sentence":"three extra months for 100 or more seats on a 12-month term, paid by 31 October 2026","approval":"none","needs_card_country":null}}','withheld','offer_not_open',1791316800000000,1791316800000000,NULL,1,1791316800000000,NULL);
INSERT INTO "outbox" VALUES('mail_8f88e030ad119cf24359','lead_a15ebbf6070088c6ecc5','offer_6ad0962ae65e60fbb5ce','extra-months','{"number":4,"terms":{"policy_id":"story","policy_version":"eefc77f8bd8b","rule":"three-more-months","why":"Time on the subscription costs little to give; a price cut never comes back.","email":"extra-months","gives":{"extra_months":3},"gets":{"seats":100,"term_months":12,"pay_by":{"by":"month_end","min_days":7}},"quote":{"plan":"business","currency":"USD","seats":100,"term_months":12,"extra_seats":0,"extra_months":3,"list_per_seat_month_minor":2480,"list_minor":2976000,"net_minor":2976000,"other_cost_minor":0,"delivered_list_minor":3720000,"cost_minor":744000,"percent_off_hundredths":2000,"net_per_seat_month_minor":1984,"renewal_minor":2976000},"reserve_minor":744000,"reserve_currency":"USD","ends_at":"2026-11-01T09:59:59Z","timezone":"Pacific/Honolulu","sentence":"three extra months for 100 or more seats on a 12-month term, paid by 31 October 2026","approval":"none","needs_card_country":null}}','withheld','offer_not_open',1791316800000000,1791316800000000,NULL,1,1791316800000000,NULL);
INSERT INTO "outbox" VALUES('mail_0647049edb6a9885af2d','lead_7042e86edecf71f8016a','offer_a13948ae2df65246bd24','extra-months','{"number":5,"terms":{"policy_id":"story","policy_version":"eefc77f8bd8b","rule":"three-more-months","why":"Time on the subscription costs little to give; a price cut never comes back.","email":"extra-months","gives":{"extra_months":3},"gets":{"seats":100,"term_months":12,"pay_by":{"by":"month_end","min_days":7}},"quote":{"plan":"business","currency":"USD","seats":100,"term_months":12,"extra_seats":0,"extra_months":3,"list_per_seat_month_minor":2480,"list_minor":2976000,"net_minor":2976000,"other_cost_minor":0,"delivered_list_minor":3720000,"cost_minor":744000,"percent_off_hundredths":2000,"net_per_seat_month_minor":1984,"renewal_minor":2976000},"reserve_minor":744000,"reserve_currency":"USD","ends_at":"2026-11-01T09:59:59Z","timezone":"Pacific/Honolulu","sentence":"three extra months for 100 or more seats on a 12-month term, paid by 31 October 2026","approval":"none","needs_card_country":null}}','withheld','offer_not_open',1791316800000000,1791316800000000,NULL,1,1791316800000000,NULL);
INSERT INTO "outbox" VALUES('mail_3f1e6af16cb430d29f2c','erased_380aab74c13a754d','offer_335d392a5e6511a912a6','extra-months','{"number":6,"terms":{"policy_id":"story","policy_version":"eefc77f8bd8b","rule":"three-more-months","why":"Time on the subscription costs little to give; a price cut never comes back.","email":"extra-months","gives":{"extra_months":3},"gets":{"seats":100,"term_months":12,"pay_by":{"by":"month_end","min_days":7}},"quote":{"plan":"business","currency":"USD","seats":100,"term_months":12,"extra_seats":0,"extra_months":3,"list_per_seat_month_minor":2480,"list_minor":2976000,"net_minor":2976000,"other_cost_minor":0,"delivered_list_minor":3720000,"cost_minor":744000,"percent_off_hundredths":2000,"net_per_seat_month_minor":1984,"renewal_minor":2976000},"reserve_minor":744000,"reserve_currency":"USD","ends_at":"2026-11-01T09:59:59Z","timezone":"Pacific/Honolulu","sentence":"three extra months for 100 or more seats on a 12-month term, paid by 31 October 2026","approval":"none","needs_card_country":null}}','sent',NULL,1791316800000000,1791316800000000,NULL,1,1791316800000000,NULL);
INSERT INTO "outbox" VALUES('mail_reminder_offer_5875a310668c29a7a495','lead_4231acaab2188a8c5c73','offer_5875a310668c29a7a495','offer-reminder','{"number":1,"terms":{"policy_id":"story","policy_version":"eefc77f8bd8b","rule":"three-more-months","why":"Time on the subscription costs little to give; a price cut never comes back.","email":"extra-months","gives":{"extra_months":3},"gets":{"seats":100,"term_months":12,"pay_by":{"by":"month_end","min_days":7}},"quote":{"plan":"business","currency":"USD","seats":100,"term_months":12,"extra_seats":0,"extra_months":3,"list_per_seat_month_minor":2480,"list_minor":2976000,"net_minor":2976000,"other_cost_minor":0,"delivered_list_minor":3720000,"cost_minor":744000,"percent_off_hundredths":2000,"net_per_seat_month_minor":1984,"renewal_minor":2976000},"reserve_minor":744000,"reserve_currency":"USD","ends_at":"2026-11-01T09:59:59Z","timezone":"Pacific/Honolulu","sentence":"three extra months for 100 or more seats on a 12-month term, paid by 31 October 2026","approval":"none","needs_card_country":null}}','sent',NULL,1791316800000000,1793392200000000,NULL,1,1793392200000000,NULL);
INSERT INTO "outbox" VALUES('mail_62ae6b6c460310ccca16','lead_ce54fbdf5f70c0610fdf','offer_8c35223300d6f611b3c5','extra-months','{"number":7,"terms":{"policy_id":"story","policy_version":"eefc77f8bd8b","rule":"three-more-months","why":"Time on the subscription costs little to give; a price cut never comes back.","email":"extra-months","gives":{"extra_months":3},"gets":{"seats":100,"term_months":12,"pay_by":{"by":"month_end","min_days":7}},"quote":{"plan":"business","currency":"USD","seats":100,"term_months":12,"extra_seats":0,"extra_months":3,"list_per_seat_month_minor":2480,"list_minor":2976000,"net_minor":2976000,"other_cost_minor":0,"delivered_list_minor":3720000,"cost_minor":744000,"percent_off_hundredths":2000,"net_per_seat_month_minor":1984,"renewal_minor":2976000},"reserve_minor":744000,"reserve_currency":"USD","ends_at":"2026-11-30T22:59:59Z","timezone":"Europe/Berlin","sentence":"three extra months for 100 or more seats on a 12-month term, paid by 30 November 2026","approval":"none","needs_card_country":null}}','due','quiet_hours',1793392200000000,1793430000000000,NULL,0,NULL,NULL);
CREATE TABLE outcomes (
	id TEXT NOT NULL, 
	lead TEXT, 
	kind TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	received_at BIGINT NOT NULL, 
	body TEXT NOT NULL, 
	CONSTRAINT pk_outcomes PRIMARY KEY (id)
);
INSERT INTO "outcomes" VALUES('out-lena','lead_a15ebbf6070088c6ecc5','converted',1791316800000000,1791316800000000,'{"id":"out-lena","lead_id":"lead_a15ebbf6070088c6ecc5","kind":"converted","at":"2026-10-06T20:00:00Z","plan":"business","seats":100,"term_months":12,"prepaid":true,"amount":{"minor":2976000,"currency":"USD"},"invoice":"in_1"}');
INSERT INTO "outcomes" VALUES('erased_380aab74c13a754d:0','erased_380aab74c13a754d','converted',1791316800000000,1791316800000000,'{"kind": "converted", "at": "2026-10-06T20:00:00Z", "plan": "business", "seats": 100, "term_months": 12, "prepaid": true, "amount": {"minor": 2976000, "currency": "USD"}}');
INSERT INTO "outcomes" VALUES('out-lost-1','dino','lost',1791317520000000,1791317520000000,'{"id":"out-lost-1","lead_id":"dino","kind":"lost","at":"2026-10-06T20:12:00Z","reason":"no budget"}');
CREATE TABLE parked (
	kind TEXT NOT NULL, 
	value TEXT NOT NULL, 
	what TEXT NOT NULL, 
	id TEXT NOT NULL, 
	CONSTRAINT pk_parked PRIMARY KEY (kind, value, what, id)
);
INSERT INTO "parked" VALUES('user','u-unknown','event','evt_parked');
INSERT INTO "parked" VALUES('lead','somebody-else','touch','tch_parked');
CREATE TABLE people (
	id TEXT NOT NULL, 
	login TEXT NOT NULL, 
	name TEXT NOT NULL, 
	roles TEXT NOT NULL, 
	rep TEXT, 
	password_hash TEXT, 
	created_at BIGINT NOT NULL, 
	ended_at BIGINT, 
	CONSTRAINT pk_people PRIMARY KEY (id), 
	CONSTRAINT uq_people_login UNIQUE (login)
);
INSERT INTO "people" VALUES('person_21851c3e8df77514','maria@team.example','Maria','["manager", "rep"]','ada','$argon2id$v=19$m=65536,t=3,p=4$G6ECK88VG89TOlxgqA82pA$kTB1RHb2VL+C1lqz+bGlYgqb4m4D4yv9ETvMlcVMMio',1791316800000000,NULL);
INSERT INTO "people" VALUES('person_1c97359531e58128','gone@team.example','Gone','["admin"]',NULL,'$argon2id$v=19$m=65536,t=3,p=4$sdwbHK7tx2lCrTDJD0PFgQ$bSmXWexBtWsQEMbsRLEzZ8vj6uY/YJ26PfdH7DqUXik',1791316800000000,1791316800000000);
CREATE TABLE policies (
	version TEXT NOT NULL, 
	policy_id TEXT NOT NULL, 
	text TEXT NOT NULL, 
	author TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	CONSTRAINT pk_policies PRIMARY KEY (version)
);
INSERT INTO "policies" VALUES('eefc77f8bd8b','story','
[policy]
id = "story"
currency = "USD"
timezone = "UTC"
plan = "business"

[price_book.business]
list = 2480
floor = 1600

[guardrails]
budget_minor_per_month = 5_000_000
holdout = 0.10
live_days_per_year = 120
rep_minor_per_month = 4_000_000
max_percent_off = 30
open_offers_per_account = 1
days_between_offers = 180

[approval]
rep_above_percent = 5
manager_above_percent = 15

[[rule]]
id = "three-more-months"
why = "Time on the subscription costs little to give; a price cut never comes back."
when = ''lane == "offer" and trial_day >= 5 and seats_requested >= 60 and not rep_contacted''
get = { seats = 100, term_months = 12, pay_by = { by = "month_end", min_days = 7 } }
give = { extra_months = 3 }
email = "extra-months"

[[rule]]
id = "team-deal"
why = "A big team and a long term earn more than the cut costs."
when = ''seats_requested >= 50 and plan == "business" and trial_day >= 1 and not rep_contacted''
get = { seats = 50, term_months = 24 }
give = { percent_off = 10 }
valid_days = 14
email = "extra-months"
','key_12cfebf3e625dcbe',1791219600000000);
INSERT INTO "policies" VALUES('9af6fa9bb1dd','story','
[policy]
id = "story"
currency = "USD"
timezone = "UTC"
plan = "business"

[price_book.business]
list = 2480
floor = 1600

[guardrails]
budget_minor_per_month = 5_000_000
holdout = 0.10
live_days_per_year = 120
rep_minor_per_month = 4_000_000
max_percent_off = 30
open_offers_per_account = 1
days_between_offers = 180

[approval]
rep_above_percent = 5
manager_above_percent = 15

[[rule]]
id = "three-more-months"
why = "Time on the subscription costs little to give; a price cut never comes back."
when = ''lane == "offer" and trial_day >= 5 and seats_requested >= 60 and not rep_contacted''
get = { seats = 100, term_months = 12, pay_by = { by = "month_end", min_days = 7 } }
give = { extra_months = 4 }
email = "extra-months"

[[rule]]
id = "team-deal"
why = "A big team and a long term earn more than the cut costs."
when = ''seats_requested >= 50 and plan == "business" and trial_day >= 1 and not rep_contacted''
get = { seats = 50, term_months = 24 }
give = { percent_off = 10 }
valid_days = 14
email = "extra-months"
','key_12cfebf3e625dcbe',1791223200000000);
CREATE TABLE publications (
	number INTEGER NOT NULL, 
	version TEXT NOT NULL, 
	"by" TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	proof TEXT NOT NULL, 
	is_restored BOOLEAN NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_publications PRIMARY KEY (number)
);
INSERT INTO "publications" VALUES(1,'eefc77f8bd8b','key_09eeb06103f5d76b','The quarter begins.','[{"name":"has_get","rule":"three-more-months","verdict":"proved","counterexample":null},{"name":"ends","rule":"three-more-months","verdict":"proved","counterexample":null},{"name":"reachable","rule":"three-more-months","verdict":"proved","counterexample":null},{"name":"not_shadowed","rule":"three-more-months","verdict":"proved","counterexample":null},{"name":"max_percent_off","rule":"three-more-months","verdict":"proved","counterexample":null},{"name":"floor","rule":"three-more-months","verdict":"proved","counterexample":null},{"name":"rep_contacted","rule":"three-more-months","verdict":"proved","counterexample":null},{"name":"has_get","rule":"team-deal","verdict":"proved","counterexample":null},{"name":"ends","rule":"team-deal","verdict":"proved","counterexample":null},{"name":"reachable","rule":"team-deal","verdict":"proved","counterexample":null},{"name":"not_shadowed","rule":"team-deal","verdict":"proved","counterexample":null},{"name":"max_percent_off","rule":"team-deal","verdict":"proved","counterexample":null},{"name":"floor","rule":"team-deal","verdict":"proved","counterexample":null},{"name":"rep_contacted","rule":"team-deal","verdict":"proved","counterexample":null}]',0,1791219600000000);
INSERT INTO "publications" VALUES(2,'9af6fa9bb1dd','key_09eeb06103f5d76b','The quarter begins.','[{"name":"has_get","rule":"three-more-months","verdict":"proved","counterexample":null},{"name":"ends","rule":"three-more-months","verdict":"proved","counterexample":null},{"name":"reachable","rule":"three-more-months","verdict":"proved","counterexample":null},{"name":"not_shadowed","rule":"three-more-months","verdict":"proved","counterexample":null},{"name":"max_percent_off","rule":"three-more-months","verdict":"proved","counterexample":null},{"name":"floor","rule":"three-more-months","verdict":"proved","counterexample":null},{"name":"rep_contacted","rule":"three-more-months","verdict":"proved","counterexample":null},{"name":"has_get","rule":"team-deal","verdict":"proved","counterexample":null},{"name":"ends","rule":"team-deal","verdict":"proved","counterexample":null},{"name":"reachable","rule":"team-deal","verdict":"proved","counterexample":null},{"name":"not_shadowed","rule":"team-deal","verdict":"proved","counterexample":null},{"name":"max_percent_off","rule":"team-deal","verdict":"proved","counterexample":null},{"name":"floor","rule":"team-deal","verdict":"proved","counterexample":null},{"name":"rep_contacted","rule":"team-deal","verdict":"proved","counterexample":null}]',0,1791223200000000);
INSERT INTO "publications" VALUES(3,'eefc77f8bd8b','key_09eeb06103f5d76b','Four months were too many.','[{"name":"has_get","rule":"three-more-months","verdict":"proved","counterexample":null},{"name":"ends","rule":"three-more-months","verdict":"proved","counterexample":null},{"name":"reachable","rule":"three-more-months","verdict":"proved","counterexample":null},{"name":"not_shadowed","rule":"three-more-months","verdict":"proved","counterexample":null},{"name":"max_percent_off","rule":"three-more-months","verdict":"proved","counterexample":null},{"name":"floor","rule":"three-more-months","verdict":"proved","counterexample":null},{"name":"rep_contacted","rule":"three-more-months","verdict":"proved","counterexample":null},{"name":"has_get","rule":"team-deal","verdict":"proved","counterexample":null},{"name":"ends","rule":"team-deal","verdict":"proved","counterexample":null},{"name":"reachable","rule":"team-deal","verdict":"proved","counterexample":null},{"name":"not_shadowed","rule":"team-deal","verdict":"proved","counterexample":null},{"name":"max_percent_off","rule":"team-deal","verdict":"proved","counterexample":null},{"name":"floor","rule":"team-deal","verdict":"proved","counterexample":null},{"name":"rep_contacted","rule":"team-deal","verdict":"proved","counterexample":null}]',1,1791226800000000);
CREATE TABLE queue (
	lead TEXT NOT NULL, 
	rep TEXT, 
	state TEXT NOT NULL, 
	priority FLOAT NOT NULL, 
	gain_minor BIGINT NOT NULL, 
	minutes INTEGER NOT NULL, 
	due_at BIGINT NOT NULL, 
	free_at BIGINT, 
	claim TEXT, 
	version INTEGER NOT NULL, 
	entered_at BIGINT NOT NULL, 
	returned INTEGER NOT NULL, assigned_at BIGINT, passed_by TEXT DEFAULT '[]' NOT NULL, 
	CONSTRAINT pk_queue PRIMARY KEY (lead), 
	CONSTRAINT uq_queue_claim UNIQUE (claim)
);
INSERT INTO "queue" VALUES('zoe',NULL,'waiting',4.80104005785991830648e+03,921846,20,1793478600000000,NULL,NULL,0,1791316800000000,0,1793392200000000,'["ada"]');
INSERT INTO "queue" VALUES('carla',NULL,'waiting',4.80067830536468045455e+03,642024,20,1793406600000000,NULL,NULL,2,1791316800000000,0,1793392200000000,'["ada"]');
INSERT INTO "queue" VALUES('vera','bob','held',4.8069955139345929636e+03,1382769,20,1793478600000000,1793394000000000,'claim_cc78db7af7b57d158cb0',1,1793392200000000,0,1793392200000000,'[]');
INSERT INTO "queue" VALUES('wim','bob','snoozed',4.8069955139345929636e+03,1382769,20,1793955600000000,1793869200000000,NULL,2,1793392200000000,0,1793392200000000,'[]');
INSERT INTO "queue" VALUES('xenia','bob','waiting',4.8069955139345929636e+03,1382769,20,1793478600000000,NULL,NULL,0,1793392200000000,0,1793392200000000,'[]');
INSERT INTO "queue" VALUES('crm/theo','bob','waiting',4.80606663571477292842e+03,546189,20,1793406600000000,NULL,NULL,0,1793392200000000,0,1793392200000000,'[]');
CREATE TABLE redemptions (
	offer TEXT NOT NULL, 
	account TEXT NOT NULL, 
	invoice TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_redemptions PRIMARY KEY (offer)
);
INSERT INTO "redemptions" VALUES('offer_6ad0962ae65e60fbb5ce','lena-works.example','in_1',1791316800000000);
INSERT INTO "redemptions" VALUES('offer_a13948ae2df65246bd24','omar-works.example','in_3',1791316800000000);
INSERT INTO "redemptions" VALUES('offer_335d392a5e6511a912a6','erased:784da5e312fb894eaa9d02896f95b47f','in_2',1791316800000000);
CREATE TABLE reps (
	id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	email TEXT, 
	languages TEXT NOT NULL, 
	countries TEXT NOT NULL, 
	segments TEXT NOT NULL, 
	capacity INTEGER NOT NULL, 
	available BOOLEAN NOT NULL, 
	updated_at BIGINT NOT NULL, hours TEXT, paused_at BIGINT, 
	CONSTRAINT pk_reps PRIMARY KEY (id)
);
INSERT INTO "reps" VALUES('ada','Ada','ada@team.example','["en", "de"]','["US", "DE"]','[]',3,1,1793392200000000,'{"timezone": "Europe/Berlin", "days": [1, 2, 3, 4, 5], "start": "09:00", "end": "18:00"}',NULL);
INSERT INTO "reps" VALUES('bob','Bob','bob@team.example','[]','[]','[]',9,1,1793392200000000,NULL,NULL);
INSERT INTO "reps" VALUES('cem','Cem',NULL,'[]','[]','[]',10,0,1793392200000000,NULL,NULL);
CREATE TABLE scores (
	id INTEGER NOT NULL, 
	lead TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	score TEXT NOT NULL, 
	CONSTRAINT pk_scores PRIMARY KEY (id)
);
INSERT INTO "scores" VALUES(26,'carla',1793392200000000,'{"probability":0.107867,"points":-60.96,"grade":"A4","base_points":-84.96,"fit_points":68.0,"engagement_points":-44.0,"reasons":[{"feature":"days_since_last","caption":"Days since the last action","value":"24","points":-26.0},{"feature":"seats","caption":"Seats asked for","value":"200","points":18.0},{"feature":"mailbox","caption":"Mail address","value":"corporate","points":14.0},{"feature":"seniority","caption":"Job title, rank","value":"C-level","points":14.0},{"feature":"active_days_7d","caption":"Days active in the last 7","value":"0","points":-14.0},{"feature":"phone","caption":"Phone number","value":"fixed or mobile","points":8.0},{"feature":"buying_role","caption":"Role in buying","value":"decision maker","points":8.0},{"feature":"mail_matches_company","caption":"Mail domain matches the company''s name","value":"yes","points":4.0},{"feature":"distinct_actions","caption":"Different things done","value":"1","points":-4.0},{"feature":"phone_country_agrees","caption":"Phone number is from the lead''s country","value":"yes","points":2.0}],"model":"f19775aad530 (100% scorecard)","as_of":"2026-10-30T20:30:00Z"}');
INSERT INTO "scores" VALUES(27,'lead_4231acaab2188a8c5c73',1793392200000000,'{"probability":0.069273,"points":-74.96,"grade":"A4","base_points":-84.96,"fit_points":54.0,"engagement_points":-44.0,"reasons":[{"feature":"days_since_last","caption":"Days since the last action","value":"24","points":-26.0},{"feature":"seats","caption":"Seats asked for","value":"100","points":18.0},{"feature":"mailbox","caption":"Mail address","value":"corporate","points":14.0},{"feature":"seniority","caption":"Job title, rank","value":"C-level","points":14.0},{"feature":"active_days_7d","caption":"Days active in the last 7","value":"0","points":-14.0},{"feature":"buying_role","caption":"Role in buying","value":"decision maker","points":8.0},{"feature":"phone","caption":"Phone number","value":"missing","points":-4.0},{"feature":"mail_matches_company","caption":"Mail domain matches the company''s name","value":"yes","points":4.0},{"feature":"distinct_actions","caption":"Different things done","value":"1","points":-4.0}],"model":"f19775aad530 (100% scorecard)","as_of":"2026-10-30T20:30:00Z"}');
INSERT INTO "scores" VALUES(28,'lead_5485e9da791cb9145126',1793392200000000,'{"probability":0.053395,"points":-82.96,"grade":"A4","base_points":-84.96,"fit_points":46.0,"engagement_points":-44.0,"reasons":[{"feature":"days_since_last","caption":"Days since the last action","value":"24","points":-26.0},{"feature":"seats","caption":"Seats asked for","value":"100","points":18.0},{"feature":"mailbox","caption":"Mail address","value":"corporate","points":14.0},{"feature":"seniority","caption":"Job title, rank","value":"C-level","points":14.0},{"feature":"active_days_7d","caption":"Days active in the last 7","value":"0","points":-14.0},{"feature":"buying_role","caption":"Role in buying","value":"decision maker","points":8.0},{"feature":"phone","caption":"Phone number","value":"missing","points":-4.0},{"feature":"mail_matches_company","caption":"Mail domain matches the company''s name","value":"no","points":-4.0},{"feature":"distinct_actions","caption":"Different things done","value":"1","points":-4.0}],"model":"f19775aad530 (100% scorecard)","as_of":"2026-10-30T20:30:00Z"}');
INSERT INTO "scores" VALUES(29,'lead_7042e86edecf71f8016a',1793392200000000,'{"probability":0.069273,"points":-74.96,"grade":"A4","base_points":-84.96,"fit_points":54.0,"engagement_points":-44.0,"reasons":[{"feature":"days_since_last","caption":"Days since the last action","value":"24","points":-26.0},{"feature":"seats","caption":"Seats asked for","value":"100","points":18.0},{"feature":"mailbox","caption":"Mail address","value":"corporate","points":14.0},{"feature":"seniority","caption":"Job title, rank","value":"C-level","points":14.0},{"feature":"active_days_7d","caption":"Days active in the last 7","value":"0","points":-14.0},{"feature":"buying_role","caption":"Role in buying","value":"decision maker","points":8.0},{"feature":"phone","caption":"Phone number","value":"missing","points":-4.0},{"feature":"mail_matches_company","caption":"Mail domain matches the company''s name","value":"yes","points":4.0},{"feature":"distinct_actions","caption":"Different things done","value":"1","points":-4.0}],"model":"f19775aad530 (100% scorecard)","as_of":"2026-10-30T20:30:00Z"}');
INSERT INTO "scores" VALUES(30,'lead_af324f9b6e8a6ba87012',1793392200000000,'{"probability":0.069273,"points":-74.96,"grade":"A4","base_points":-84.96,"fit_points":54.0,"engagement_points":-44.0,"reasons":[{"feature":"days_since_last","caption":"Days since the last action","value":"24","points":-26.0},{"feature":"seats","caption":"Seats asked for","value":"100","points":18.0},{"feature":"mailbox","caption":"Mail address","value":"corporate","points":14.0},{"feature":"seniority","caption":"Job title, rank","value":"C-level","points":14.0},{"feature":"active_days_7d","caption":"Days active in the last 7","value":"0","points":-14.0},{"feature":"buying_role","caption":"Role in buying","value":"decision maker","points":8.0},{"feature":"phone","caption":"Phone number","value":"missing","points":-4.0},{"feature":"mail_matches_company","caption":"Mail domain matches the company''s name","value":"yes","points":4.0},{"feature":"distinct_actions","caption":"Different things done","value":"1","points":-4.0}],"model":"f19775aad530 (100% scorecard)","as_of":"2026-10-30T20:30:00Z"}');
INSERT INTO "scores" VALUES(31,'lead_fd110b28cfc998d76b39',1793392200000000,'{"probability":0.069273,"points":-74.96,"grade":"A4","base_points":-84.96,"fit_points":54.0,"engagement_points":-44.0,"reasons":[{"feature":"days_since_last","caption":"Days since the last action","value":"24","points":-26.0},{"feature":"seats","caption":"Seats asked for","value":"100","points":18.0},{"feature":"mailbox","caption":"Mail address","value":"corporate","points":14.0},{"feature":"seniority","caption":"Job title, rank","value":"C-level","points":14.0},{"feature":"active_days_7d","caption":"Days active in the last 7","value":"0","points":-14.0},{"feature":"buying_role","caption":"Role in buying","value":"decision maker","points":8.0},{"feature":"phone","caption":"Phone number","value":"missing","points":-4.0},{"feature":"mail_matches_company","caption":"Mail domain matches the company''s name","value":"yes","points":4.0},{"feature":"distinct_actions","caption":"Different things done","value":"1","points":-4.0}],"model":"f19775aad530 (100% scorecard)","as_of":"2026-10-30T20:30:00Z"}');
INSERT INTO "scores" VALUES(32,'mia',1793392200000000,'{"probability":0.040996,"points":-90.96,"grade":"A4","base_points":-84.96,"fit_points":28.0,"engagement_points":-34.0,"reasons":[{"feature":"days_since_last","caption":"Days since the last action","value":"24","points":-26.0},{"feature":"mailbox","caption":"Mail address","value":"corporate","points":14.0},{"feature":"seniority","caption":"Job title, rank","value":"C-level","points":14.0},{"feature":"active_days_7d","caption":"Days active in the last 7","value":"0","points":-14.0},{"feature":"pricing_total","caption":"Pricing page seen","value":"1","points":10.0},{"feature":"buying_role","caption":"Role in buying","value":"decision maker","points":8.0},{"feature":"phone","caption":"Phone number","value":"missing","points":-4.0},{"feature":"mail_matches_company","caption":"Mail domain matches the company''s name","value":"no","points":-4.0},{"feature":"distinct_actions","caption":"Different things done","value":"1","points":-4.0}],"model":"f19775aad530 (100% scorecard)","as_of":"2026-10-30T20:30:00Z"}');
INSERT INTO "scores" VALUES(33,'lead_ce54fbdf5f70c0610fdf',1793392200000000,'{"probability":0.15488,"points":-48.96,"grade":"A3","base_points":-84.96,"fit_points":54.0,"engagement_points":-18.0,"reasons":[{"feature":"seats","caption":"Seats asked for","value":"100","points":18.0},{"feature":"mailbox","caption":"Mail address","value":"corporate","points":14.0},{"feature":"seniority","caption":"Job title, rank","value":"C-level","points":14.0},{"feature":"active_days_7d","caption":"Days active in the last 7","value":"0","points":-14.0},{"feature":"buying_role","caption":"Role in buying","value":"decision maker","points":8.0},{"feature":"phone","caption":"Phone number","value":"missing","points":-4.0},{"feature":"mail_matches_company","caption":"Mail domain matches the company''s name","value":"yes","points":4.0},{"feature":"distinct_actions","caption":"Different things done","value":"0","points":-4.0}],"model":"f19775aad530 (100% scorecard)","as_of":"2026-10-30T20:30:00Z"}');
INSERT INTO "scores" VALUES(34,'lead_ce54fbdf5f70c0610fdf',1793392200000000,'{"probability":0.254835,"points":-30.96,"grade":"A2","base_points":-84.96,"fit_points":54.0,"engagement_points":0.0,"reasons":[{"feature":"seats","caption":"Seats asked for","value":"100","points":18.0},{"feature":"mailbox","caption":"Mail address","value":"corporate","points":14.0},{"feature":"seniority","caption":"Job title, rank","value":"C-level","points":14.0},{"feature":"buying_role","caption":"Role in buying","value":"decision maker","points":8.0},{"feature":"phone","caption":"Phone number","value":"missing","points":-4.0},{"feature":"mail_matches_company","caption":"Mail domain matches the company''s name","value":"yes","points":4.0},{"feature":"distinct_actions","caption":"Different things done","value":"1","points":-4.0},{"feature":"days_since_last","caption":"Days since the last action","value":"0","points":4.0}],"model":"f19775aad530 (100% scorecard)","as_of":"2026-10-30T20:30:00Z"}');
INSERT INTO "scores" VALUES(35,'vera',1793392200000000,'{"probability":0.15488,"points":-48.96,"grade":"A3","base_points":-84.96,"fit_points":54.0,"engagement_points":-18.0,"reasons":[{"feature":"seats","caption":"Seats asked for","value":"300","points":18.0},{"feature":"mailbox","caption":"Mail address","value":"corporate","points":14.0},{"feature":"seniority","caption":"Job title, rank","value":"C-level","points":14.0},{"feature":"active_days_7d","caption":"Days active in the last 7","value":"0","points":-14.0},{"feature":"buying_role","caption":"Role in buying","value":"decision maker","points":8.0},{"feature":"phone","caption":"Phone number","value":"missing","points":-4.0},{"feature":"mail_matches_company","caption":"Mail domain matches the company''s name","value":"yes","points":4.0},{"feature":"distinct_actions","caption":"Different things done","value":"0","points":-4.0}],"model":"f19775aad530 (100% scorecard)","as_of":"2026-10-30T20:30:00Z"}');
INSERT INTO "scores" VALUES(36,'wim',1793392200000000,'{"probability":0.15488,"points":-48.96,"grade":"A3","base_points":-84.96,"fit_points":54.0,"engagement_points":-18.0,"reasons":[{"feature":"seats","caption":"Seats asked for","value":"300","points":18.0},{"feature":"mailbox","caption":"Mail address","value":"corporate","points":14.0},{"feature":"seniority","caption":"Job title, rank","value":"C-level","points":14.0},{"feature":"active_days_7d","caption":"Days active in the last 7","value":"0","points":-14.0},{"feature":"buying_role","caption":"Role in buying","value":"decision maker","points":8.0},{"feature":"phone","caption":"Phone number","value":"missing","points":-4.0},{"feature":"mail_matches_company","caption":"Mail domain matches the company''s name","value":"yes","points":4.0},{"feature":"distinct_actions","caption":"Different things done","value":"0","points":-4.0}],"model":"f19775aad530 (100% scorecard)","as_of":"2026-10-30T20:30:00Z"}');
INSERT INTO "scores" VALUES(37,'xenia',1793392200000000,'{"probability":0.15488,"points":-48.96,"grade":"A3","base_points":-84.96,"fit_points":54.0,"engagement_points":-18.0,"reasons":[{"feature":"seats","caption":"Seats asked for","value":"300","points":18.0},{"feature":"mailbox","caption":"Mail address","value":"corporate","points":14.0},{"feature":"seniority","caption":"Job title, rank","value":"C-level","points":14.0},{"feature":"active_days_7d","caption":"Days active in the last 7","value":"0","points":-14.0},{"feature":"buying_role","caption":"Role in buying","value":"decision maker","points":8.0},{"feature":"phone","caption":"Phone number","value":"missing","points":-4.0},{"feature":"mail_matches_company","caption":"Mail domain matches the company''s name","value":"yes","points":4.0},{"feature":"distinct_actions","caption":"Different things done","value":"0","points":-4.0}],"model":"f19775aad530 (100% scorecard)","as_of":"2026-10-30T20:30:00Z"}');
INSERT INTO "scores" VALUES(38,'crm/theo',1793392200000000,'{"probability":0.13759,"points":-52.96,"grade":"A3","base_points":-84.96,"fit_points":50.0,"engagement_points":-18.0,"reasons":[{"feature":"mailbox","caption":"Mail address","value":"corporate","points":14.0},{"feature":"seniority","caption":"Job title, rank","value":"C-level","points":14.0},{"feature":"seats","caption":"Seats asked for","value":"80","points":14.0},{"feature":"active_days_7d","caption":"Days active in the last 7","value":"0","points":-14.0},{"feature":"buying_role","caption":"Role in buying","value":"decision maker","points":8.0},{"feature":"phone","caption":"Phone number","value":"missing","points":-4.0},{"feature":"mail_matches_company","caption":"Mail domain matches the company''s name","value":"yes","points":4.0},{"feature":"distinct_actions","caption":"Different things done","value":"0","points":-4.0}],"model":"f19775aad530 (100% scorecard)","as_of":"2026-10-30T20:30:00Z"}');
INSERT INTO "scores" VALUES(39,'crm/theo',1793392200000000,'{"probability":0.229414,"points":-34.96,"grade":"A2","base_points":-84.96,"fit_points":50.0,"engagement_points":0.0,"reasons":[{"feature":"mailbox","caption":"Mail address","value":"corporate","points":14.0},{"feature":"seniority","caption":"Job title, rank","value":"C-level","points":14.0},{"feature":"seats","caption":"Seats asked for","value":"80","points":14.0},{"feature":"buying_role","caption":"Role in buying","value":"decision maker","points":8.0},{"feature":"phone","caption":"Phone number","value":"missing","points":-4.0},{"feature":"mail_matches_company","caption":"Mail domain matches the company''s name","value":"yes","points":4.0},{"feature":"distinct_actions","caption":"Different things done","value":"1","points":-4.0},{"feature":"days_since_last","caption":"Days since the last action","value":"0","points":4.0}],"model":"f19775aad530 (100% scorecard)","as_of":"2026-10-30T20:30:00Z"}');
INSERT INTO "scores" VALUES(40,'olaf',1793392200000000,'{"probability":0.043809,"points":-88.96,"grade":"B3","base_points":-84.96,"fit_points":14.0,"engagement_points":-18.0,"reasons":[{"feature":"mailbox","caption":"Mail address","value":"corporate","points":14.0},{"feature":"active_days_7d","caption":"Days active in the last 7","value":"0","points":-14.0},{"feature":"phone","caption":"Phone number","value":"missing","points":-4.0},{"feature":"mail_matches_company","caption":"Mail domain matches the company''s name","value":"yes","points":4.0},{"feature":"distinct_actions","caption":"Different things done","value":"0","points":-4.0}],"model":"f19775aad530 (100% scorecard)","as_of":"2026-10-30T20:30:00Z"}');
CREATE TABLE secrets (
	name TEXT NOT NULL, 
	value TEXT NOT NULL, 
	CONSTRAINT pk_secrets PRIMARY KEY (name)
);
INSERT INTO "secrets" VALUES('signing','made-up-for-the-frozen-store-of-0.1.0-and-no-secret');
CREATE TABLE shadows (
	id INTEGER NOT NULL, 
	lead TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	lane TEXT NOT NULL, 
	rep TEXT, 
	rule TEXT, 
	terms TEXT, 
	CONSTRAINT pk_shadows PRIMARY KEY (id)
);
INSERT INTO "shadows" VALUES(1,'shadow-1',1791226800000000,'self_serve',NULL,NULL,NULL);
CREATE TABLE suppressions (
	email_key TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_suppressions PRIMARY KEY (email_key)
);
INSERT INTO "suppressions" VALUES('5a65d2e6a1e5c93ccfbdb42fb69208ef','bounced',1791317520000000);
CREATE TABLE switches (
	name TEXT NOT NULL, 
	is_on BOOLEAN NOT NULL, 
	"by" TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_switches PRIMARY KEY (name)
);
INSERT INTO "switches" VALUES('mail_paused',0,'key_12cfebf3e625dcbe','It is mended.',1791317520000000);
CREATE TABLE tasks (
	id TEXT NOT NULL, 
	offer TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	give TEXT NOT NULL, 
	value TEXT NOT NULL, 
	recipe TEXT NOT NULL, 
	state TEXT NOT NULL, 
	made_at BIGINT NOT NULL, 
	ended_at BIGINT, 
	ended_by TEXT, 
	CONSTRAINT pk_tasks PRIMARY KEY (id)
);
INSERT INTO "tasks" VALUES('task_offer_6ad0962ae65e60fbb5ce_grant_extra_months','offer_6ad0962ae65e60fbb5ce','grant','extra_months','3','billing: move the renewal date','done',1791316800000000,1791316800000000,'key_12cfebf3e625dcbe');
INSERT INTO "tasks" VALUES('task_offer_a13948ae2df65246bd24_grant_extra_months','offer_a13948ae2df65246bd24','grant','extra_months','3','billing: move the renewal date','dropped',1791316800000000,1791316800000000,'key_c5f949a783b684cf');
INSERT INTO "tasks" VALUES('task_offer_335d392a5e6511a912a6_grant_extra_months','offer_335d392a5e6511a912a6','grant','extra_months','3','billing: move the renewal date','open',1791316800000000,NULL,NULL);
CREATE TABLE touches (
	id TEXT NOT NULL, 
	lead TEXT, 
	kind TEXT NOT NULL, 
	"by" TEXT, 
	at BIGINT NOT NULL, 
	received_at BIGINT NOT NULL, 
	CONSTRAINT pk_touches PRIMARY KEY (id)
);
INSERT INTO "touches" VALUES('claim_a4354119494bfbf756f9:done','dino','call','ada',1791317520000000,1791317520000000);
INSERT INTO "touches" VALUES('tch_700047','dino','call','ada',1791317520000000,1791317520000000);
INSERT INTO "touches" VALUES('tch_700050','zoe','meeting','ada',1791317520000000,1791317520000000);
INSERT INTO "touches" VALUES('tch_parked',NULL,'email','ada',1791317520000000,1791317520000000);
CREATE INDEX ix_captured_mail_lead ON captured_mail (lead);
CREATE INDEX ix_claims_lead ON claims (lead);
CREATE INDEX ix_claims_rep_claimed_at ON claims (rep, claimed_at);
CREATE INDEX ix_events_lead ON events (lead);
CREATE INDEX ix_external_ids_lead ON external_ids (lead);
CREATE INDEX ix_key_secrets_key ON key_secrets ("key");
CREATE INDEX ix_lead_versions_lead ON lead_versions (lead);
CREATE INDEX ix_leads_look_again_at ON leads (look_again_at) WHERE look_again_at IS NOT NULL;
CREATE INDEX ix_leads_received_at_worth ON leads (received_at, worth, minutes);
CREATE INDEX ix_leads_rep ON leads (rep);
CREATE INDEX ix_leads_unreached ON leads (unreached) WHERE unreached IS NOT NULL;
CREATE INDEX ix_ledger_offer ON ledger (offer);
CREATE INDEX ix_offers_account ON offers (account);
CREATE INDEX ix_offers_issued_at ON offers (issued_at);
CREATE INDEX ix_offers_lead ON offers (lead);
CREATE INDEX ix_offers_state_ends_at ON offers (state, ends_at);
CREATE UNIQUE INDEX uq_offers_open_account ON offers (account) WHERE state IN ('awaiting_approval', 'issued', 'sent', 'viewed', 'accepted', 'missed');
CREATE INDEX ix_outbox_lead ON outbox (lead);
CREATE INDEX ix_outbox_state_due_at ON outbox (state, due_at);
CREATE INDEX ix_outcomes_lead ON outcomes (lead);
CREATE INDEX ix_scores_lead ON scores (lead);
CREATE INDEX ix_touches_lead ON touches (lead);
CREATE INDEX ix_assignments_rule_at ON assignments (rule, at);
CREATE INDEX ix_audit_about ON audit (about);
CREATE INDEX ix_shadows_lead ON shadows (lead);
CREATE INDEX ix_lane_changes_lead ON lane_changes (lead);
CREATE INDEX ix_lane_changes_transition ON lane_changes (transition);
CREATE UNIQUE INDEX uq_redemptions_account_invoice ON redemptions (account, invoice);
CREATE INDEX ix_tasks_offer ON tasks (offer);
CREATE INDEX ix_tasks_state_made_at ON tasks (state, made_at);
CREATE INDEX ix_live_days_day ON live_days (day);
CREATE UNIQUE INDEX uq_offers_code ON offers (code);
CREATE INDEX ix_leads_mailbox_key ON leads (mailbox_key) WHERE mailbox_key IS NOT NULL;
CREATE INDEX ix_leads_payment_key ON leads (payment_key) WHERE payment_key IS NOT NULL;
CREATE INDEX ix_leads_domain ON leads (domain) WHERE domain IS NOT NULL;
CREATE INDEX ix_import_facts_import ON import_facts (import);
CREATE INDEX ix_import_snapshots_import ON import_snapshots (import);
CREATE INDEX ix_import_snapshots_lead ON import_snapshots (lead);
CREATE INDEX ix_bounces_email_key ON bounces (email_key);
CREATE INDEX ix_outbox_ended_at ON outbox (ended_at);
CREATE INDEX ix_deliveries_lead ON deliveries (lead);
CREATE INDEX ix_deliveries_state_due_at ON deliveries (state, due_at);
CREATE INDEX ix_leads_account ON leads (account) WHERE account IS NOT NULL;
CREATE INDEX ix_leads_email_key ON leads (email_key) WHERE email_key IS NOT NULL;
CREATE INDEX ix_leads_scored_at ON leads (scored_at, id);
CREATE INDEX ix_offers_changed_at ON offers (changed_at, lead);
CREATE INDEX ix_queue_waiting_rep_priority ON queue (rep, priority DESC) WHERE state = 'waiting';
CREATE INDEX ix_queue_waiting_rep_due_at ON queue (rep, due_at) WHERE state = 'waiting';
CREATE INDEX ix_queue_taken ON queue (free_at, rep) WHERE free_at IS NOT NULL;
COMMIT;
