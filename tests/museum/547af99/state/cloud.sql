BEGIN TRANSACTION;
CREATE TABLE deduplication (
        scope TEXT NOT NULL,
        id TEXT NOT NULL,
        message_id TEXT NOT NULL,
        until_ms INTEGER NOT NULL,
        PRIMARY KEY (scope, id)
    ) WITHOUT ROWID;
INSERT INTO "deduplication" VALUES('local-notify.fifo/08e00131-13c4-8512-a5af-066fef5450ef','08e00131-13c4-8512-a5af-066fef5450ef/2','97655cdf-ee45-47ed-a9ee-1441f609c9ed',1795717972824);
INSERT INTO "deduplication" VALUES('local-notify.fifo/08e00131-13c4-8512-a5af-066fef5450ef','08e00131-13c4-8512-a5af-066fef5450ef/4','f4f9a352-87a6-4945-8c2c-8dc5e6bf3123',1795717973026);
INSERT INTO "deduplication" VALUES('local-notify.fifo/5335ecd0-5468-8860-a72a-b0e29675004c','5335ecd0-5468-8860-a72a-b0e29675004c/2','4cd4a357-10b9-4222-9c6c-59f56a95b8ef',1795717972510);
INSERT INTO "deduplication" VALUES('local-notify.fifo/760db3e6-d09d-821f-a24d-4054f5779a29','760db3e6-d09d-821f-a24d-4054f5779a29/2','58513a16-03af-45f4-afd4-163e23a4dc69',1795717973666);
INSERT INTO "deduplication" VALUES('local-notify.fifo/b264635d-4863-817b-92af-bef94678fdde','b264635d-4863-817b-92af-bef94678fdde/2','3aa53896-15ca-4f8c-87d7-6e512eba2edf',1795717973884);
INSERT INTO "deduplication" VALUES('local-notify.fifo/b264635d-4863-817b-92af-bef94678fdde','b264635d-4863-817b-92af-bef94678fdde/4','92bfda26-3f16-49c8-bcdc-c2e3caae132a',1795717974082);
INSERT INTO "deduplication" VALUES('local-notify.fifo/b264635d-4863-817b-92af-bef94678fdde','b264635d-4863-817b-92af-bef94678fdde/5','8beeb9b6-f57a-4e2a-9d41-4d355f07b230',1795717974192);
INSERT INTO "deduplication" VALUES('local-notify.fifo/b264635d-4863-817b-92af-bef94678fdde','b264635d-4863-817b-92af-bef94678fdde/6','c0a634ca-9786-4c57-a6fb-08522c16f230',1795717974192);
INSERT INTO "deduplication" VALUES('local-notify.fifo/c8825b43-77cc-8fda-9985-b20a106cfa23','c8825b43-77cc-8fda-9985-b20a106cfa23/2','0c7ccecf-f27b-40d4-8e9e-742d0a7970e7',1795717972122);
INSERT INTO "deduplication" VALUES('local-notify.fifo/c8825b43-77cc-8fda-9985-b20a106cfa23','c8825b43-77cc-8fda-9985-b20a106cfa23/4','922d6c4b-36c5-4535-9082-1d7cf050c8c3',1795717972425);
INSERT INTO "deduplication" VALUES('local-notify.fifo/cc7d7f8d-5fa1-8285-8f5a-90f35c6cbdd9','cc7d7f8d-5fa1-8285-8f5a-90f35c6cbdd9/2','99e7fae3-1df1-4207-80d5-2952c4cb66f0',1795717972733);
INSERT INTO "deduplication" VALUES('local-notify.fifo/ff6a00dd-aa05-8a8d-b0f1-dc066188ca12','ff6a00dd-aa05-8a8d-b0f1-dc066188ca12/2','99874914-e831-4c45-87de-7c2b408fe0b4',1795717972771);
INSERT INTO "deduplication" VALUES('local-notify.fifo/order.cancelled','order.cancelled','154992b4-a246-4fa1-b7a9-217433b199c8',1795717973617);
INSERT INTO "deduplication" VALUES('local-payment.fifo/08e00131-13c4-8512-a5af-066fef5450ef','08e00131-13c4-8512-a5af-066fef5450ef/3','59b33385-7d55-44c4-b22e-b0cb3e89f162',1795717972984);
INSERT INTO "deduplication" VALUES('local-payment.fifo/760db3e6-d09d-821f-a24d-4054f5779a29','760db3e6-d09d-821f-a24d-4054f5779a29/3','4f7d7c66-ec9e-4053-a53f-43f1ab418b65',1795717973785);
INSERT INTO "deduplication" VALUES('local-payment.fifo/b264635d-4863-817b-92af-bef94678fdde','b264635d-4863-817b-92af-bef94678fdde/3','ac5a7335-164b-41b4-98de-a8750b273892',1795717974046);
INSERT INTO "deduplication" VALUES('local-payment.fifo/c8825b43-77cc-8fda-9985-b20a106cfa23','c8825b43-77cc-8fda-9985-b20a106cfa23/3','78963df5-72dc-4dcf-8d13-bd40c7c028c3',1795717972276);
INSERT INTO "deduplication" VALUES('local-refund.fifo/b264635d-4863-817b-92af-bef94678fdde','b264635d-4863-817b-92af-bef94678fdde/6','39a1675b-00ef-4403-9f18-851baa94ad58',1795717974192);
INSERT INTO "deduplication" VALUES('local-screen.fifo/08e00131-13c4-8512-a5af-066fef5450ef','08e00131-13c4-8512-a5af-066fef5450ef/2','2c468012-6ce9-4825-9a5f-628a3b6a604d',1795717972824);
INSERT INTO "deduplication" VALUES('local-screen.fifo/5335ecd0-5468-8860-a72a-b0e29675004c','5335ecd0-5468-8860-a72a-b0e29675004c/2','b6cd6bad-2e21-4c6e-a5e6-116e11cc61f2',1795717972510);
INSERT INTO "deduplication" VALUES('local-screen.fifo/760db3e6-d09d-821f-a24d-4054f5779a29','760db3e6-d09d-821f-a24d-4054f5779a29/2','dc2d96cc-311f-4ddb-bbc7-1cdd65bafa97',1795717973666);
INSERT INTO "deduplication" VALUES('local-screen.fifo/b264635d-4863-817b-92af-bef94678fdde','b264635d-4863-817b-92af-bef94678fdde/2','c7839108-017c-472b-b17d-f214ea90b491',1795717973884);
INSERT INTO "deduplication" VALUES('local-screen.fifo/c8825b43-77cc-8fda-9985-b20a106cfa23','c8825b43-77cc-8fda-9985-b20a106cfa23/2','69721e18-94c6-4850-8a17-cd075fdcdf52',1795717972122);
INSERT INTO "deduplication" VALUES('local-screen.fifo/cc7d7f8d-5fa1-8285-8f5a-90f35c6cbdd9','cc7d7f8d-5fa1-8285-8f5a-90f35c6cbdd9/2','f78a727c-96c7-4640-a1f7-0a3c547f6460',1795717972733);
INSERT INTO "deduplication" VALUES('local-screen.fifo/ff6a00dd-aa05-8a8d-b0f1-dc066188ca12','ff6a00dd-aa05-8a8d-b0f1-dc066188ca12/2','743c75aa-8302-4d76-b4c0-3b80ecac1380',1795717972771);
INSERT INTO "deduplication" VALUES('topic local-order-events.fifo/08e00131-13c4-8512-a5af-066fef5450ef','08e00131-13c4-8512-a5af-066fef5450ef/1','0e78b3f6-ca0d-4835-b55e-358cb025e13f',1795717972824);
INSERT INTO "deduplication" VALUES('topic local-order-events.fifo/08e00131-13c4-8512-a5af-066fef5450ef','08e00131-13c4-8512-a5af-066fef5450ef/2','276734b6-d1b9-4794-ad16-c2b5a478186c',1795717972824);
INSERT INTO "deduplication" VALUES('topic local-order-events.fifo/08e00131-13c4-8512-a5af-066fef5450ef','08e00131-13c4-8512-a5af-066fef5450ef/3','f4d7a155-9fad-485d-84b8-a1e8903de212',1795717972984);
INSERT INTO "deduplication" VALUES('topic local-order-events.fifo/08e00131-13c4-8512-a5af-066fef5450ef','08e00131-13c4-8512-a5af-066fef5450ef/4','e7225c2a-798a-407d-9e67-f7323bbddc57',1795717973026);
INSERT INTO "deduplication" VALUES('topic local-order-events.fifo/5335ecd0-5468-8860-a72a-b0e29675004c','5335ecd0-5468-8860-a72a-b0e29675004c/1','eb266a7e-2114-4ab5-b2c2-2a0c729612cc',1795717972510);
INSERT INTO "deduplication" VALUES('topic local-order-events.fifo/5335ecd0-5468-8860-a72a-b0e29675004c','5335ecd0-5468-8860-a72a-b0e29675004c/2','9bf28904-bcd7-459b-9802-295eb9d0f858',1795717972510);
INSERT INTO "deduplication" VALUES('topic local-order-events.fifo/760db3e6-d09d-821f-a24d-4054f5779a29','760db3e6-d09d-821f-a24d-4054f5779a29/1','1fdadb39-9459-48d6-a5e3-7b72975f0cae',1795717973665);
INSERT INTO "deduplication" VALUES('topic local-order-events.fifo/760db3e6-d09d-821f-a24d-4054f5779a29','760db3e6-d09d-821f-a24d-4054f5779a29/2','b1cdd17a-d4d0-4825-a568-a727fc462afc',1795717973666);
INSERT INTO "deduplication" VALUES('topic local-order-events.fifo/760db3e6-d09d-821f-a24d-4054f5779a29','760db3e6-d09d-821f-a24d-4054f5779a29/3','d237d8aa-06e1-4f87-8343-e64e2d4b51fa',1795717973785);
INSERT INTO "deduplication" VALUES('topic local-order-events.fifo/7d3bf72a-7f09-8674-8ec6-8cd156554a75','7d3bf72a-7f09-8674-8ec6-8cd156554a75/1','3b3435a0-d3c1-4e68-8373-b76b996aec6c',1795717972698);
INSERT INTO "deduplication" VALUES('topic local-order-events.fifo/b264635d-4863-817b-92af-bef94678fdde','b264635d-4863-817b-92af-bef94678fdde/1','b1f86fe1-a0bb-404d-84db-2fa7e8593031',1795717973884);
INSERT INTO "deduplication" VALUES('topic local-order-events.fifo/b264635d-4863-817b-92af-bef94678fdde','b264635d-4863-817b-92af-bef94678fdde/2','b77ad4db-010e-4051-86ba-3cd72733e063',1795717973884);
INSERT INTO "deduplication" VALUES('topic local-order-events.fifo/b264635d-4863-817b-92af-bef94678fdde','b264635d-4863-817b-92af-bef94678fdde/3','f4b163e6-a9f4-4762-a506-d0715f15b65b',1795717974046);
INSERT INTO "deduplication" VALUES('topic local-order-events.fifo/b264635d-4863-817b-92af-bef94678fdde','b264635d-4863-817b-92af-bef94678fdde/4','3c2680f0-4217-45ef-82db-03766e78da16',1795717974082);
INSERT INTO "deduplication" VALUES('topic local-order-events.fifo/b264635d-4863-817b-92af-bef94678fdde','b264635d-4863-817b-92af-bef94678fdde/5','09faf202-41c0-41cf-9db4-36dc4866eadb',1795717974192);
INSERT INTO "deduplication" VALUES('topic local-order-events.fifo/b264635d-4863-817b-92af-bef94678fdde','b264635d-4863-817b-92af-bef94678fdde/6','b8dc7d1d-27a0-403d-9a3f-be7c735b8072',1795717974192);
INSERT INTO "deduplication" VALUES('topic local-order-events.fifo/c8825b43-77cc-8fda-9985-b20a106cfa23','c8825b43-77cc-8fda-9985-b20a106cfa23/1','34ebc1eb-801b-455e-94e8-22b624a6523e',1795717972122);
INSERT INTO "deduplication" VALUES('topic local-order-events.fifo/c8825b43-77cc-8fda-9985-b20a106cfa23','c8825b43-77cc-8fda-9985-b20a106cfa23/2','1f6532d4-cd7d-47a0-9e63-b5627de3b825',1795717972122);
INSERT INTO "deduplication" VALUES('topic local-order-events.fifo/c8825b43-77cc-8fda-9985-b20a106cfa23','c8825b43-77cc-8fda-9985-b20a106cfa23/3','5773d823-2d88-4b44-b907-4758257588c5',1795717972276);
INSERT INTO "deduplication" VALUES('topic local-order-events.fifo/c8825b43-77cc-8fda-9985-b20a106cfa23','c8825b43-77cc-8fda-9985-b20a106cfa23/4','16fef81c-7c41-4d8c-a4aa-60b49a1922cb',1795717972425);
INSERT INTO "deduplication" VALUES('topic local-order-events.fifo/cc7d7f8d-5fa1-8285-8f5a-90f35c6cbdd9','cc7d7f8d-5fa1-8285-8f5a-90f35c6cbdd9/1','39531463-a6a8-4260-96dc-013268b269d3',1795717972732);
INSERT INTO "deduplication" VALUES('topic local-order-events.fifo/cc7d7f8d-5fa1-8285-8f5a-90f35c6cbdd9','cc7d7f8d-5fa1-8285-8f5a-90f35c6cbdd9/2','1af040a3-9e7e-4a0c-a2d1-8a78dde09cf5',1795717972733);
INSERT INTO "deduplication" VALUES('topic local-order-events.fifo/ff6a00dd-aa05-8a8d-b0f1-dc066188ca12','ff6a00dd-aa05-8a8d-b0f1-dc066188ca12/1','212a451b-f28c-4347-b784-b35143b659f3',1795717972771);
INSERT INTO "deduplication" VALUES('topic local-order-events.fifo/ff6a00dd-aa05-8a8d-b0f1-dc066188ca12','ff6a00dd-aa05-8a8d-b0f1-dc066188ca12/2','060cd750-fd7e-47c7-b209-2c363e3e8c72',1795717972771);
INSERT INTO "deduplication" VALUES('topic local-order-events.fifo/order.cancelled','order.cancelled','bf0152ef-b957-46dd-9634-c4a045823203',1795717973617);
CREATE TABLE inbox (
        place INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        channel TEXT NOT NULL,
        recipient TEXT NOT NULL,
        subject TEXT,
        body TEXT NOT NULL,
        order_id TEXT NOT NULL,
        event TEXT NOT NULL,
        sent_at TEXT NOT NULL
    );
INSERT INTO "inbox" VALUES(1,'alert/01a218b7-9cba-7006-8e0c-577d259ac0b9/1','alert','admins','Low stock: 2 left of VASE-LOW','Vase (VASE-LOW) of seller north-pottery has 2 units left; you asked to be told at 3.
Product 01a218b7-9cba-7006-8e0c-577d259ac0b9
','','stock.low','2026-11-26T16:36:56.259Z');
INSERT INTO "inbox" VALUES(2,'fc20b3b1-1fde-81f3-874d-db6a9686c817/2/email','email','ada@example.com','Your order EVDAB-8DJ0Q-Y at Shop: please pay','Hello Ada Lovelace,

we have your order EVDAB-8DJ0Q-Y and keep its items for you until 2026-11-26 17:06 UTC.

2 x Blue stoneware mug, 350 ml  39.80 EUR
1 x Earl Grey, loose, 100 g  8.90 EUR

Subtotal 48.70 EUR
Discount 0.00 EUR
Shipping 4.90 EUR
Tax 9.11 EUR
Total 62.71 EUR

Pay here: http://127.0.0.1:40879/orders/fc20b3b1-1fde-81f3-874d-db6a9686c817
Without a payment by then the order is cancelled and costs you nothing.

Shop','fc20b3b1-1fde-81f3-874d-db6a9686c817','order.submitted','2026-11-26T16:36:56.692Z');
INSERT INTO "inbox" VALUES(3,'fc20b3b1-1fde-81f3-874d-db6a9686c817/2/sms','sms','+491701234567',NULL,'Shop: order EVDAB-8DJ0Q-Y over 62.71 EUR waits for your payment until 2026-11-26 17:06 UTC. http://127.0.0.1:40879/orders/fc20b3b1-1fde-81f3-874d-db6a9686c817','fc20b3b1-1fde-81f3-874d-db6a9686c817','order.submitted','2026-11-26T16:36:56.78Z');
INSERT INTO "inbox" VALUES(4,'fc20b3b1-1fde-81f3-874d-db6a9686c817/4/email','email','ada@example.com','Your order EVDAB-8DJ0Q-Y at Shop is confirmed','Hello Ada Lovelace,

thank you, we have received your payment of 62.71 EUR. Your order EVDAB-8DJ0Q-Y is confirmed:

2 x Blue stoneware mug, 350 ml  39.80 EUR
1 x Earl Grey, loose, 100 g  8.90 EUR

We tell you when it is on its way. Follow it here: http://127.0.0.1:40879/orders/fc20b3b1-1fde-81f3-874d-db6a9686c817

Shop','fc20b3b1-1fde-81f3-874d-db6a9686c817','order.payment_confirmed','2026-11-26T16:36:56.879Z');
INSERT INTO "inbox" VALUES(5,'fc20b3b1-1fde-81f3-874d-db6a9686c817/4/sms','sms','+491701234567',NULL,'Shop: thank you! Order EVDAB-8DJ0Q-Y over 62.71 EUR is paid and confirmed. http://127.0.0.1:40879/orders/fc20b3b1-1fde-81f3-874d-db6a9686c817','fc20b3b1-1fde-81f3-874d-db6a9686c817','order.payment_confirmed','2026-11-26T16:36:56.913Z');
INSERT INTO "inbox" VALUES(6,'fc20b3b1-1fde-81f3-874d-db6a9686c817/5/email','email','ada@example.com','We are preparing your order EVDAB-8DJ0Q-Y','Hello Ada Lovelace,

your order EVDAB-8DJ0Q-Y is being prepared. Follow it here: http://127.0.0.1:40879/orders/fc20b3b1-1fde-81f3-874d-db6a9686c817

Shop','fc20b3b1-1fde-81f3-874d-db6a9686c817','order.processing_started','2026-11-26T16:36:57.02Z');
INSERT INTO "inbox" VALUES(7,'fc20b3b1-1fde-81f3-874d-db6a9686c817/5/sms','sms','+491701234567',NULL,'Shop: order EVDAB-8DJ0Q-Y is being prepared. http://127.0.0.1:40879/orders/fc20b3b1-1fde-81f3-874d-db6a9686c817','fc20b3b1-1fde-81f3-874d-db6a9686c817','order.processing_started','2026-11-26T16:36:57.096Z');
INSERT INTO "inbox" VALUES(8,'fc20b3b1-1fde-81f3-874d-db6a9686c817/6/email','email','ada@example.com','Your order EVDAB-8DJ0Q-Y is on its way','Hello Ada Lovelace,

your order EVDAB-8DJ0Q-Y has been handed to DHL. Tracking number: 00340434161094042557
Follow the parcel: https://www.dhl.com/global-en/home/tracking.html?tracking-id=00340434161094042557
Your order: http://127.0.0.1:40879/orders/fc20b3b1-1fde-81f3-874d-db6a9686c817

Shop','fc20b3b1-1fde-81f3-874d-db6a9686c817','order.shipped','2026-11-26T16:36:57.214Z');
INSERT INTO "inbox" VALUES(9,'fc20b3b1-1fde-81f3-874d-db6a9686c817/6/sms','sms','+491701234567',NULL,'Shop: order EVDAB-8DJ0Q-Y is on its way with DHL, tracking number 00340434161094042557. https://www.dhl.com/global-en/home/tracking.html?tracking-id=00340434161094042557','fc20b3b1-1fde-81f3-874d-db6a9686c817','order.shipped','2026-11-26T16:36:57.25Z');
INSERT INTO "inbox" VALUES(10,'fc20b3b1-1fde-81f3-874d-db6a9686c817/7/email','email','ada@example.com','Your order EVDAB-8DJ0Q-Y has arrived','Hello Ada Lovelace,

your order EVDAB-8DJ0Q-Y has been delivered. We hope you like it. Your order: http://127.0.0.1:40879/orders/fc20b3b1-1fde-81f3-874d-db6a9686c817

Shop','fc20b3b1-1fde-81f3-874d-db6a9686c817','order.delivered','2026-11-26T16:36:57.294Z');
INSERT INTO "inbox" VALUES(11,'fc20b3b1-1fde-81f3-874d-db6a9686c817/7/sms','sms','+491701234567',NULL,'Shop: order EVDAB-8DJ0Q-Y has been delivered. http://127.0.0.1:40879/orders/fc20b3b1-1fde-81f3-874d-db6a9686c817','fc20b3b1-1fde-81f3-874d-db6a9686c817','order.delivered','2026-11-26T16:36:57.323Z');
INSERT INTO "inbox" VALUES(12,'ad8a310e-31f8-86a6-ad14-751124e1d7be/2/email','email','ada@example.com','Your order 3N24J-E3NXY-J at Shop: please pay','Hello Ada Lovelace,

we have your order 3N24J-E3NXY-J and keep its items for you until 2026-11-26 17:06 UTC.

2 x Blue stoneware mug, 350 ml  39.80 EUR
1 x Earl Grey, loose, 100 g  8.90 EUR

Subtotal 48.70 EUR
Discount 0.00 EUR
Shipping 4.90 EUR
Tax 9.11 EUR
Total 62.71 EUR

Pay here: http://127.0.0.1:40879/orders/ad8a310e-31f8-86a6-ad14-751124e1d7be
Without a payment by then the order is cancelled and costs you nothing.

Shop','ad8a310e-31f8-86a6-ad14-751124e1d7be','order.submitted','2026-11-26T16:36:57.462Z');
INSERT INTO "inbox" VALUES(13,'ad8a310e-31f8-86a6-ad14-751124e1d7be/2/sms','sms','+491701234567',NULL,'Shop: order 3N24J-E3NXY-J over 62.71 EUR waits for your payment until 2026-11-26 17:06 UTC. http://127.0.0.1:40879/orders/ad8a310e-31f8-86a6-ad14-751124e1d7be','ad8a310e-31f8-86a6-ad14-751124e1d7be','order.submitted','2026-11-26T16:36:57.543Z');
INSERT INTO "inbox" VALUES(14,'ad8a310e-31f8-86a6-ad14-751124e1d7be/4/email','email','ada@example.com','Your order 3N24J-E3NXY-J at Shop is confirmed','Hello Ada Lovelace,

thank you, we have received your payment of 62.71 EUR. Your order 3N24J-E3NXY-J is confirmed:

2 x Blue stoneware mug, 350 ml  39.80 EUR
1 x Earl Grey, loose, 100 g  8.90 EUR

We tell you when it is on its way. Follow it here: http://127.0.0.1:40879/orders/ad8a310e-31f8-86a6-ad14-751124e1d7be

Shop','ad8a310e-31f8-86a6-ad14-751124e1d7be','order.payment_confirmed','2026-11-26T16:36:57.638Z');
INSERT INTO "inbox" VALUES(15,'ad8a310e-31f8-86a6-ad14-751124e1d7be/4/sms','sms','+491701234567',NULL,'Shop: thank you! Order 3N24J-E3NXY-J over 62.71 EUR is paid and confirmed. http://127.0.0.1:40879/orders/ad8a310e-31f8-86a6-ad14-751124e1d7be','ad8a310e-31f8-86a6-ad14-751124e1d7be','order.payment_confirmed','2026-11-26T16:36:57.695Z');
INSERT INTO "inbox" VALUES(16,'ad8a310e-31f8-86a6-ad14-751124e1d7be/5/email','email','ada@example.com','We are preparing your order 3N24J-E3NXY-J','Hello Ada Lovelace,

your order 3N24J-E3NXY-J is being prepared. Follow it here: http://127.0.0.1:40879/orders/ad8a310e-31f8-86a6-ad14-751124e1d7be

Shop','ad8a310e-31f8-86a6-ad14-751124e1d7be','order.processing_started','2026-11-26T16:36:57.807Z');
INSERT INTO "inbox" VALUES(17,'ad8a310e-31f8-86a6-ad14-751124e1d7be/5/sms','sms','+491701234567',NULL,'Shop: order 3N24J-E3NXY-J is being prepared. http://127.0.0.1:40879/orders/ad8a310e-31f8-86a6-ad14-751124e1d7be','ad8a310e-31f8-86a6-ad14-751124e1d7be','order.processing_started','2026-11-26T16:36:57.889Z');
INSERT INTO "inbox" VALUES(18,'ad8a310e-31f8-86a6-ad14-751124e1d7be/6/email','email','ada@example.com','Your order 3N24J-E3NXY-J is on its way','Hello Ada Lovelace,

your order 3N24J-E3NXY-J has been handed to DHL. Tracking number: 00340434161094042557
Follow the parcel: https://www.dhl.com/global-en/home/tracking.html?tracking-id=00340434161094042557
Your order: http://127.0.0.1:40879/orders/ad8a310e-31f8-86a6-ad14-751124e1d7be

Shop','ad8a310e-31f8-86a6-ad14-751124e1d7be','order.shipped','2026-11-26T16:36:57.983Z');
INSERT INTO "inbox" VALUES(19,'ad8a310e-31f8-86a6-ad14-751124e1d7be/6/sms','sms','+491701234567',NULL,'Shop: order 3N24J-E3NXY-J is on its way with DHL, tracking number 00340434161094042557. https://www.dhl.com/global-en/home/tracking.html?tracking-id=00340434161094042557','ad8a310e-31f8-86a6-ad14-751124e1d7be','order.shipped','2026-11-26T16:36:58.03Z');
INSERT INTO "inbox" VALUES(20,'e9e10423-1715-8249-a74f-ede07d13c0d9/2/email','email','ada@example.com','Your order ZDW1Y-H7G6S-7 at Shop: please pay','Hello Ada Lovelace,

we have your order ZDW1Y-H7G6S-7 and keep its items for you until 2026-11-26 17:06 UTC.

2 x Blue stoneware mug, 350 ml  39.80 EUR
1 x Earl Grey, loose, 100 g  8.90 EUR

Subtotal 48.70 EUR
Discount 0.00 EUR
Shipping 4.90 EUR
Tax 9.11 EUR
Total 62.71 EUR

Pay here: http://127.0.0.1:40879/orders/e9e10423-1715-8249-a74f-ede07d13c0d9
Without a payment by then the order is cancelled and costs you nothing.

Shop','e9e10423-1715-8249-a74f-ede07d13c0d9','order.submitted','2026-11-26T16:36:58.268Z');
INSERT INTO "inbox" VALUES(21,'e9e10423-1715-8249-a74f-ede07d13c0d9/2/sms','sms','+491701234567',NULL,'Shop: order ZDW1Y-H7G6S-7 over 62.71 EUR waits for your payment until 2026-11-26 17:06 UTC. http://127.0.0.1:40879/orders/e9e10423-1715-8249-a74f-ede07d13c0d9','e9e10423-1715-8249-a74f-ede07d13c0d9','order.submitted','2026-11-26T16:36:58.389Z');
INSERT INTO "inbox" VALUES(22,'e9e10423-1715-8249-a74f-ede07d13c0d9/4/email','email','ada@example.com','Your order ZDW1Y-H7G6S-7 at Shop is confirmed','Hello Ada Lovelace,

thank you, we have received your payment of 62.71 EUR. Your order ZDW1Y-H7G6S-7 is confirmed:

2 x Blue stoneware mug, 350 ml  39.80 EUR
1 x Earl Grey, loose, 100 g  8.90 EUR

We tell you when it is on its way. Follow it here: http://127.0.0.1:40879/orders/e9e10423-1715-8249-a74f-ede07d13c0d9

Shop','e9e10423-1715-8249-a74f-ede07d13c0d9','order.payment_confirmed','2026-11-26T16:36:58.531Z');
INSERT INTO "inbox" VALUES(23,'e9e10423-1715-8249-a74f-ede07d13c0d9/4/sms','sms','+491701234567',NULL,'Shop: thank you! Order ZDW1Y-H7G6S-7 over 62.71 EUR is paid and confirmed. http://127.0.0.1:40879/orders/e9e10423-1715-8249-a74f-ede07d13c0d9','e9e10423-1715-8249-a74f-ede07d13c0d9','order.payment_confirmed','2026-11-26T16:36:58.565Z');
INSERT INTO "inbox" VALUES(24,'e9e10423-1715-8249-a74f-ede07d13c0d9/5/email','email','ada@example.com','We are preparing your order ZDW1Y-H7G6S-7','Hello Ada Lovelace,

your order ZDW1Y-H7G6S-7 is being prepared. Follow it here: http://127.0.0.1:40879/orders/e9e10423-1715-8249-a74f-ede07d13c0d9

Shop','e9e10423-1715-8249-a74f-ede07d13c0d9','order.processing_started','2026-11-26T16:36:58.698Z');
INSERT INTO "inbox" VALUES(25,'e9e10423-1715-8249-a74f-ede07d13c0d9/5/sms','sms','+491701234567',NULL,'Shop: order ZDW1Y-H7G6S-7 is being prepared. http://127.0.0.1:40879/orders/e9e10423-1715-8249-a74f-ede07d13c0d9','e9e10423-1715-8249-a74f-ede07d13c0d9','order.processing_started','2026-11-26T16:36:58.805Z');
INSERT INTO "inbox" VALUES(26,'e9e10423-1715-8249-a74f-ede07d13c0d9/6/email','email','ada@example.com','Your order ZDW1Y-H7G6S-7 is on its way','Hello Ada Lovelace,

your order ZDW1Y-H7G6S-7 has been handed to DHL. Tracking number: 00340434161094042557
Follow the parcel: https://www.dhl.com/global-en/home/tracking.html?tracking-id=00340434161094042557
Your order: http://127.0.0.1:40879/orders/e9e10423-1715-8249-a74f-ede07d13c0d9

Shop','e9e10423-1715-8249-a74f-ede07d13c0d9','order.shipped','2026-11-26T16:36:58.928Z');
INSERT INTO "inbox" VALUES(27,'e9e10423-1715-8249-a74f-ede07d13c0d9/6/sms','sms','+491701234567',NULL,'Shop: order ZDW1Y-H7G6S-7 is on its way with DHL, tracking number 00340434161094042557. https://www.dhl.com/global-en/home/tracking.html?tracking-id=00340434161094042557','e9e10423-1715-8249-a74f-ede07d13c0d9','order.shipped','2026-11-26T16:36:58.985Z');
INSERT INTO "inbox" VALUES(28,'e9e10423-1715-8249-a74f-ede07d13c0d9/7/email','email','ada@example.com','Your order ZDW1Y-H7G6S-7 has arrived','Hello Ada Lovelace,

your order ZDW1Y-H7G6S-7 has been delivered. We hope you like it. Your order: http://127.0.0.1:40879/orders/e9e10423-1715-8249-a74f-ede07d13c0d9

Shop','e9e10423-1715-8249-a74f-ede07d13c0d9','order.delivered','2026-11-26T16:36:59.049Z');
INSERT INTO "inbox" VALUES(29,'e9e10423-1715-8249-a74f-ede07d13c0d9/7/sms','sms','+491701234567',NULL,'Shop: order ZDW1Y-H7G6S-7 has been delivered. http://127.0.0.1:40879/orders/e9e10423-1715-8249-a74f-ede07d13c0d9','e9e10423-1715-8249-a74f-ede07d13c0d9','order.delivered','2026-11-26T16:36:59.067Z');
INSERT INTO "inbox" VALUES(30,'e9e10423-1715-8249-a74f-ede07d13c0d9/8/email','email','ada@example.com','Your refund for order ZDW1Y-H7G6S-7 is on its way','Hello Ada Lovelace,

we send 27.18 EUR of order ZDW1Y-H7G6S-7 back to you, by the way you paid. Your order: http://127.0.0.1:40879/orders/e9e10423-1715-8249-a74f-ede07d13c0d9

Shop','e9e10423-1715-8249-a74f-ede07d13c0d9','order.refund_initiated','2026-11-26T16:36:59.209Z');
INSERT INTO "inbox" VALUES(31,'e9e10423-1715-8249-a74f-ede07d13c0d9/8/sms','sms','+491701234567',NULL,'Shop: 27.18 EUR of order ZDW1Y-H7G6S-7 is on its way back to you. http://127.0.0.1:40879/orders/e9e10423-1715-8249-a74f-ede07d13c0d9','e9e10423-1715-8249-a74f-ede07d13c0d9','order.refund_initiated','2026-11-26T16:36:59.295Z');
INSERT INTO "inbox" VALUES(32,'e9e10423-1715-8249-a74f-ede07d13c0d9/9/email','email','ada@example.com','Your refund for order ZDW1Y-H7G6S-7 is done','Hello Ada Lovelace,

27.18 EUR of order ZDW1Y-H7G6S-7 has been sent back to you. Depending on your bank it takes some days to show. Your order: http://127.0.0.1:40879/orders/e9e10423-1715-8249-a74f-ede07d13c0d9

Shop','e9e10423-1715-8249-a74f-ede07d13c0d9','order.refund_completed','2026-11-26T16:36:59.366Z');
INSERT INTO "inbox" VALUES(33,'e9e10423-1715-8249-a74f-ede07d13c0d9/9/sms','sms','+491701234567',NULL,'Shop: 27.18 EUR of order ZDW1Y-H7G6S-7 has been refunded. http://127.0.0.1:40879/orders/e9e10423-1715-8249-a74f-ede07d13c0d9','e9e10423-1715-8249-a74f-ede07d13c0d9','order.refund_completed','2026-11-26T16:36:59.411Z');
INSERT INTO "inbox" VALUES(34,'e9e10423-1715-8249-a74f-ede07d13c0d9/10/email','email','ada@example.com','Your refund for order ZDW1Y-H7G6S-7 is on its way','Hello Ada Lovelace,

we send 1.00 EUR of order ZDW1Y-H7G6S-7 back to you, by the way you paid. Your order: http://127.0.0.1:40879/orders/e9e10423-1715-8249-a74f-ede07d13c0d9

Shop','e9e10423-1715-8249-a74f-ede07d13c0d9','order.refund_initiated','2026-11-26T16:36:59.568Z');
INSERT INTO "inbox" VALUES(35,'e9e10423-1715-8249-a74f-ede07d13c0d9/10/sms','sms','+491701234567',NULL,'Shop: 1.00 EUR of order ZDW1Y-H7G6S-7 is on its way back to you. http://127.0.0.1:40879/orders/e9e10423-1715-8249-a74f-ede07d13c0d9','e9e10423-1715-8249-a74f-ede07d13c0d9','order.refund_initiated','2026-11-26T16:36:59.631Z');
INSERT INTO "inbox" VALUES(36,'e9e10423-1715-8249-a74f-ede07d13c0d9/11/email','email','ada@example.com','Your refund for order ZDW1Y-H7G6S-7 is done','Hello Ada Lovelace,

1.00 EUR of order ZDW1Y-H7G6S-7 has been sent back to you. Depending on your bank it takes some days to show. Your order: http://127.0.0.1:40879/orders/e9e10423-1715-8249-a74f-ede07d13c0d9

Shop','e9e10423-1715-8249-a74f-ede07d13c0d9','order.refund_completed','2026-11-26T16:36:59.686Z');
INSERT INTO "inbox" VALUES(37,'e9e10423-1715-8249-a74f-ede07d13c0d9/11/sms','sms','+491701234567',NULL,'Shop: 1.00 EUR of order ZDW1Y-H7G6S-7 has been refunded. http://127.0.0.1:40879/orders/e9e10423-1715-8249-a74f-ede07d13c0d9','e9e10423-1715-8249-a74f-ede07d13c0d9','order.refund_completed','2026-11-26T16:36:59.728Z');
INSERT INTO "inbox" VALUES(38,'943c663b-27c2-8f28-adba-53833d764f91/2/email','email','ada@example.com','Your order JKGCY-QCKWH-0 at Shop: please pay','Hello Ada Lovelace,

we have your order JKGCY-QCKWH-0 and keep its items for you until 2026-11-26 17:06 UTC.

2 x Blue stoneware mug, 350 ml  39.80 EUR
1 x Earl Grey, loose, 100 g  8.90 EUR

Subtotal 48.70 EUR
Discount 0.00 EUR
Shipping 4.90 EUR
Tax 9.11 EUR
Total 62.71 EUR

Pay here: http://127.0.0.1:40879/orders/943c663b-27c2-8f28-adba-53833d764f91
Without a payment by then the order is cancelled and costs you nothing.

Shop','943c663b-27c2-8f28-adba-53833d764f91','order.submitted','2026-11-26T16:36:59.923Z');
INSERT INTO "inbox" VALUES(39,'943c663b-27c2-8f28-adba-53833d764f91/2/sms','sms','+491701234567',NULL,'Shop: order JKGCY-QCKWH-0 over 62.71 EUR waits for your payment until 2026-11-26 17:06 UTC. http://127.0.0.1:40879/orders/943c663b-27c2-8f28-adba-53833d764f91','943c663b-27c2-8f28-adba-53833d764f91','order.submitted','2026-11-26T16:37:00.099Z');
INSERT INTO "inbox" VALUES(40,'943c663b-27c2-8f28-adba-53833d764f91/4/email','email','ada@example.com','Your order JKGCY-QCKWH-0 at Shop is confirmed','Hello Ada Lovelace,

thank you, we have received your payment of 62.71 EUR. Your order JKGCY-QCKWH-0 is confirmed:

2 x Blue stoneware mug, 350 ml  39.80 EUR
1 x Earl Grey, loose, 100 g  8.90 EUR

We tell you when it is on its way. Follow it here: http://127.0.0.1:40879/orders/943c663b-27c2-8f28-adba-53833d764f91

Shop','943c663b-27c2-8f28-adba-53833d764f91','order.payment_confirmed','2026-11-26T16:37:00.227Z');
INSERT INTO "inbox" VALUES(41,'943c663b-27c2-8f28-adba-53833d764f91/4/sms','sms','+491701234567',NULL,'Shop: thank you! Order JKGCY-QCKWH-0 over 62.71 EUR is paid and confirmed. http://127.0.0.1:40879/orders/943c663b-27c2-8f28-adba-53833d764f91','943c663b-27c2-8f28-adba-53833d764f91','order.payment_confirmed','2026-11-26T16:37:00.274Z');
INSERT INTO "inbox" VALUES(42,'943c663b-27c2-8f28-adba-53833d764f91/5/email','email','ada@example.com','We are preparing your order JKGCY-QCKWH-0','Hello Ada Lovelace,

your order JKGCY-QCKWH-0 is being prepared. Follow it here: http://127.0.0.1:40879/orders/943c663b-27c2-8f28-adba-53833d764f91

Shop','943c663b-27c2-8f28-adba-53833d764f91','order.processing_started','2026-11-26T16:37:00.458Z');
INSERT INTO "inbox" VALUES(43,'943c663b-27c2-8f28-adba-53833d764f91/5/sms','sms','+491701234567',NULL,'Shop: order JKGCY-QCKWH-0 is being prepared. http://127.0.0.1:40879/orders/943c663b-27c2-8f28-adba-53833d764f91','943c663b-27c2-8f28-adba-53833d764f91','order.processing_started','2026-11-26T16:37:00.558Z');
INSERT INTO "inbox" VALUES(44,'943c663b-27c2-8f28-adba-53833d764f91/6/email','email','ada@example.com','Your order JKGCY-QCKWH-0 is on its way','Hello Ada Lovelace,

your order JKGCY-QCKWH-0 has been handed to DHL. Tracking number: 00340434161094042557
Follow the parcel: https://www.dhl.com/global-en/home/tracking.html?tracking-id=00340434161094042557
Your order: http://127.0.0.1:40879/orders/943c663b-27c2-8f28-adba-53833d764f91

Shop','943c663b-27c2-8f28-adba-53833d764f91','order.shipped','2026-11-26T16:37:00.784Z');
INSERT INTO "inbox" VALUES(45,'943c663b-27c2-8f28-adba-53833d764f91/6/sms','sms','+491701234567',NULL,'Shop: order JKGCY-QCKWH-0 is on its way with DHL, tracking number 00340434161094042557. https://www.dhl.com/global-en/home/tracking.html?tracking-id=00340434161094042557','943c663b-27c2-8f28-adba-53833d764f91','order.shipped','2026-11-26T16:37:00.875Z');
INSERT INTO "inbox" VALUES(46,'943c663b-27c2-8f28-adba-53833d764f91/7/email','email','ada@example.com','Your order JKGCY-QCKWH-0 has arrived','Hello Ada Lovelace,

your order JKGCY-QCKWH-0 has been delivered. We hope you like it. Your order: http://127.0.0.1:40879/orders/943c663b-27c2-8f28-adba-53833d764f91

Shop','943c663b-27c2-8f28-adba-53833d764f91','order.delivered','2026-11-26T16:37:00.959Z');
INSERT INTO "inbox" VALUES(47,'943c663b-27c2-8f28-adba-53833d764f91/7/sms','sms','+491701234567',NULL,'Shop: order JKGCY-QCKWH-0 has been delivered. http://127.0.0.1:40879/orders/943c663b-27c2-8f28-adba-53833d764f91','943c663b-27c2-8f28-adba-53833d764f91','order.delivered','2026-11-26T16:37:01.011Z');
INSERT INTO "inbox" VALUES(48,'943c663b-27c2-8f28-adba-53833d764f91/8/email','email','ada@example.com','Your refund for order JKGCY-QCKWH-0 is on its way','Hello Ada Lovelace,

we send 62.71 EUR of order JKGCY-QCKWH-0 back to you, by the way you paid. Your order: http://127.0.0.1:40879/orders/943c663b-27c2-8f28-adba-53833d764f91

Shop','943c663b-27c2-8f28-adba-53833d764f91','order.refund_initiated','2026-11-26T16:37:01.262Z');
INSERT INTO "inbox" VALUES(49,'943c663b-27c2-8f28-adba-53833d764f91/8/sms','sms','+491701234567',NULL,'Shop: 62.71 EUR of order JKGCY-QCKWH-0 is on its way back to you. http://127.0.0.1:40879/orders/943c663b-27c2-8f28-adba-53833d764f91','943c663b-27c2-8f28-adba-53833d764f91','order.refund_initiated','2026-11-26T16:37:01.381Z');
INSERT INTO "inbox" VALUES(50,'943c663b-27c2-8f28-adba-53833d764f91/9/email','email','ada@example.com','Your refund for order JKGCY-QCKWH-0 is done','Hello Ada Lovelace,

62.71 EUR of order JKGCY-QCKWH-0 has been sent back to you. Depending on your bank it takes some days to show. Your order: http://127.0.0.1:40879/orders/943c663b-27c2-8f28-adba-53833d764f91

Shop','943c663b-27c2-8f28-adba-53833d764f91','order.refund_completed','2026-11-26T16:37:01.472Z');
INSERT INTO "inbox" VALUES(51,'943c663b-27c2-8f28-adba-53833d764f91/9/sms','sms','+491701234567',NULL,'Shop: 62.71 EUR of order JKGCY-QCKWH-0 has been refunded. http://127.0.0.1:40879/orders/943c663b-27c2-8f28-adba-53833d764f91','943c663b-27c2-8f28-adba-53833d764f91','order.refund_completed','2026-11-26T16:37:01.515Z');
INSERT INTO "inbox" VALUES(52,'aa4e1652-a522-81f1-aebd-d7f7265e97cd/2/email','email','ada@example.com','Your order EQYWK-5X5YD-G at Shop: please pay','Hello Ada Lovelace,

we have your order EQYWK-5X5YD-G and keep its items for you until 2026-11-26 17:07 UTC.

2 x Blue stoneware mug, 350 ml  39.80 EUR
1 x Earl Grey, loose, 100 g  8.90 EUR

Subtotal 48.70 EUR
Discount 0.00 EUR
Shipping 4.90 EUR
Tax 9.11 EUR
Total 62.71 EUR

Pay here: http://127.0.0.1:40879/orders/aa4e1652-a522-81f1-aebd-d7f7265e97cd
Without a payment by then the order is cancelled and costs you nothing.

Shop','aa4e1652-a522-81f1-aebd-d7f7265e97cd','order.submitted','2026-11-26T16:37:01.593Z');
INSERT INTO "inbox" VALUES(53,'aa4e1652-a522-81f1-aebd-d7f7265e97cd/2/sms','sms','+491701234567',NULL,'Shop: order EQYWK-5X5YD-G over 62.71 EUR waits for your payment until 2026-11-26 17:07 UTC. http://127.0.0.1:40879/orders/aa4e1652-a522-81f1-aebd-d7f7265e97cd','aa4e1652-a522-81f1-aebd-d7f7265e97cd','order.submitted','2026-11-26T16:37:01.651Z');
INSERT INTO "inbox" VALUES(54,'aa4e1652-a522-81f1-aebd-d7f7265e97cd/4/email','email','ada@example.com','Your order EQYWK-5X5YD-G at Shop is confirmed','Hello Ada Lovelace,

thank you, we have received your payment of 62.71 EUR. Your order EQYWK-5X5YD-G is confirmed:

2 x Blue stoneware mug, 350 ml  39.80 EUR
1 x Earl Grey, loose, 100 g  8.90 EUR

We tell you when it is on its way. Follow it here: http://127.0.0.1:40879/orders/aa4e1652-a522-81f1-aebd-d7f7265e97cd

Shop','aa4e1652-a522-81f1-aebd-d7f7265e97cd','order.payment_confirmed','2026-11-26T16:37:01.787Z');
INSERT INTO "inbox" VALUES(55,'aa4e1652-a522-81f1-aebd-d7f7265e97cd/4/sms','sms','+491701234567',NULL,'Shop: thank you! Order EQYWK-5X5YD-G over 62.71 EUR is paid and confirmed. http://127.0.0.1:40879/orders/aa4e1652-a522-81f1-aebd-d7f7265e97cd','aa4e1652-a522-81f1-aebd-d7f7265e97cd','order.payment_confirmed','2026-11-26T16:37:01.857Z');
INSERT INTO "inbox" VALUES(56,'aa4e1652-a522-81f1-aebd-d7f7265e97cd/5/email','email','ada@example.com','We are preparing your order EQYWK-5X5YD-G','Hello Ada Lovelace,

your order EQYWK-5X5YD-G is being prepared. Follow it here: http://127.0.0.1:40879/orders/aa4e1652-a522-81f1-aebd-d7f7265e97cd

Shop','aa4e1652-a522-81f1-aebd-d7f7265e97cd','order.processing_started','2026-11-26T16:37:02.032Z');
INSERT INTO "inbox" VALUES(57,'aa4e1652-a522-81f1-aebd-d7f7265e97cd/5/sms','sms','+491701234567',NULL,'Shop: order EQYWK-5X5YD-G is being prepared. http://127.0.0.1:40879/orders/aa4e1652-a522-81f1-aebd-d7f7265e97cd','aa4e1652-a522-81f1-aebd-d7f7265e97cd','order.processing_started','2026-11-26T16:37:02.131Z');
INSERT INTO "inbox" VALUES(58,'aa4e1652-a522-81f1-aebd-d7f7265e97cd/6/email','email','ada@example.com','Your order EQYWK-5X5YD-G is on its way','Hello Ada Lovelace,

your order EQYWK-5X5YD-G has been handed to DHL. Tracking number: 00340434161094042557
Follow the parcel: https://www.dhl.com/global-en/home/tracking.html?tracking-id=00340434161094042557
Your order: http://127.0.0.1:40879/orders/aa4e1652-a522-81f1-aebd-d7f7265e97cd

Shop','aa4e1652-a522-81f1-aebd-d7f7265e97cd','order.shipped','2026-11-26T16:37:02.337Z');
INSERT INTO "inbox" VALUES(59,'aa4e1652-a522-81f1-aebd-d7f7265e97cd/6/sms','sms','+491701234567',NULL,'Shop: order EQYWK-5X5YD-G is on its way with DHL, tracking number 00340434161094042557. https://www.dhl.com/global-en/home/tracking.html?tracking-id=00340434161094042557','aa4e1652-a522-81f1-aebd-d7f7265e97cd','order.shipped','2026-11-26T16:37:02.466Z');
INSERT INTO "inbox" VALUES(60,'aa4e1652-a522-81f1-aebd-d7f7265e97cd/7/email','email','ada@example.com','Your order EQYWK-5X5YD-G could not be delivered','Hello Ada Lovelace,

the carrier could not deliver your order EQYWK-5X5YD-G and brought it back to us. We will send it again. Your order: http://127.0.0.1:40879/orders/aa4e1652-a522-81f1-aebd-d7f7265e97cd

Shop','aa4e1652-a522-81f1-aebd-d7f7265e97cd','order.delivery_failed','2026-11-26T16:37:02.623Z');
INSERT INTO "inbox" VALUES(61,'aa4e1652-a522-81f1-aebd-d7f7265e97cd/7/sms','sms','+491701234567',NULL,'Shop: order EQYWK-5X5YD-G could not be delivered; we will send it again. http://127.0.0.1:40879/orders/aa4e1652-a522-81f1-aebd-d7f7265e97cd','aa4e1652-a522-81f1-aebd-d7f7265e97cd','order.delivery_failed','2026-11-26T16:37:02.74Z');
INSERT INTO "inbox" VALUES(62,'aa4e1652-a522-81f1-aebd-d7f7265e97cd/8/email','email','ada@example.com','Your order EQYWK-5X5YD-G is on its way','Hello Ada Lovelace,

your order EQYWK-5X5YD-G has been handed to DHL. Tracking number: 00340434161094042557
Follow the parcel: https://www.dhl.com/global-en/home/tracking.html?tracking-id=00340434161094042557
Your order: http://127.0.0.1:40879/orders/aa4e1652-a522-81f1-aebd-d7f7265e97cd

Shop','aa4e1652-a522-81f1-aebd-d7f7265e97cd','order.shipped','2026-11-26T16:37:02.876Z');
INSERT INTO "inbox" VALUES(63,'aa4e1652-a522-81f1-aebd-d7f7265e97cd/8/sms','sms','+491701234567',NULL,'Shop: order EQYWK-5X5YD-G is on its way with DHL, tracking number 00340434161094042557. https://www.dhl.com/global-en/home/tracking.html?tracking-id=00340434161094042557','aa4e1652-a522-81f1-aebd-d7f7265e97cd','order.shipped','2026-11-26T16:37:02.913Z');
INSERT INTO "inbox" VALUES(64,'b7545c63-06ec-81f1-8e45-abce55ace06a/2/email','email','ada@example.com','Your order DBSSA-TSR3A-H at Shop: please pay','Hello Ada Lovelace,

we have your order DBSSA-TSR3A-H and keep its items for you until 2026-11-26 17:07 UTC.

2 x Blue stoneware mug, 350 ml  39.80 EUR
1 x Earl Grey, loose, 100 g  8.90 EUR

Subtotal 48.70 EUR
Discount 4.87 EUR
Shipping 4.90 EUR
Tax 8.30 EUR
Total 57.03 EUR

Pay here: http://127.0.0.1:40879/orders/b7545c63-06ec-81f1-8e45-abce55ace06a
Without a payment by then the order is cancelled and costs you nothing.

Shop','b7545c63-06ec-81f1-8e45-abce55ace06a','order.submitted','2026-11-26T16:37:03.145Z');
INSERT INTO "inbox" VALUES(65,'b7545c63-06ec-81f1-8e45-abce55ace06a/2/sms','sms','+491701234567',NULL,'Shop: order DBSSA-TSR3A-H over 57.03 EUR waits for your payment until 2026-11-26 17:07 UTC. http://127.0.0.1:40879/orders/b7545c63-06ec-81f1-8e45-abce55ace06a','b7545c63-06ec-81f1-8e45-abce55ace06a','order.submitted','2026-11-26T16:37:03.287Z');
INSERT INTO "inbox" VALUES(66,'b7545c63-06ec-81f1-8e45-abce55ace06a/4/email','email','ada@example.com','Your order DBSSA-TSR3A-H at Shop is confirmed','Hello Ada Lovelace,

thank you, we have received your payment of 57.03 EUR. Your order DBSSA-TSR3A-H is confirmed:

2 x Blue stoneware mug, 350 ml  39.80 EUR
1 x Earl Grey, loose, 100 g  8.90 EUR

We tell you when it is on its way. Follow it here: http://127.0.0.1:40879/orders/b7545c63-06ec-81f1-8e45-abce55ace06a

Shop','b7545c63-06ec-81f1-8e45-abce55ace06a','order.payment_confirmed','2026-11-26T16:37:03.479Z');
INSERT INTO "inbox" VALUES(67,'b7545c63-06ec-81f1-8e45-abce55ace06a/4/sms','sms','+491701234567',NULL,'Shop: thank you! Order DBSSA-TSR3A-H over 57.03 EUR is paid and confirmed. http://127.0.0.1:40879/orders/b7545c63-06ec-81f1-8e45-abce55ace06a','b7545c63-06ec-81f1-8e45-abce55ace06a','order.payment_confirmed','2026-11-26T16:37:03.527Z');
INSERT INTO "inbox" VALUES(68,'b7545c63-06ec-81f1-8e45-abce55ace06a/5/email','email','ada@example.com','We are preparing your order DBSSA-TSR3A-H','Hello Ada Lovelace,

your order DBSSA-TSR3A-H is being prepared. Follow it here: http://127.0.0.1:40879/orders/b7545c63-06ec-81f1-8e45-abce55ace06a

Shop','b7545c63-06ec-81f1-8e45-abce55ace06a','order.processing_started','2026-11-26T16:37:03.674Z');
INSERT INTO "inbox" VALUES(69,'b7545c63-06ec-81f1-8e45-abce55ace06a/5/sms','sms','+491701234567',NULL,'Shop: order DBSSA-TSR3A-H is being prepared. http://127.0.0.1:40879/orders/b7545c63-06ec-81f1-8e45-abce55ace06a','b7545c63-06ec-81f1-8e45-abce55ace06a','order.processing_started','2026-11-26T16:37:03.7Z');
INSERT INTO "inbox" VALUES(70,'b7545c63-06ec-81f1-8e45-abce55ace06a/6/email','email','ada@example.com','Your order DBSSA-TSR3A-H is on its way','Hello Ada Lovelace,

your order DBSSA-TSR3A-H has been handed to DHL. Tracking number: 00340434161094042557
Follow the parcel: https://www.dhl.com/global-en/home/tracking.html?tracking-id=00340434161094042557
Your order: http://127.0.0.1:40879/orders/b7545c63-06ec-81f1-8e45-abce55ace06a

Shop','b7545c63-06ec-81f1-8e45-abce55ace06a','order.shipped','2026-11-26T16:37:03.731Z');
INSERT INTO "inbox" VALUES(71,'b7545c63-06ec-81f1-8e45-abce55ace06a/6/sms','sms','+491701234567',NULL,'Shop: order DBSSA-TSR3A-H is on its way with DHL, tracking number 00340434161094042557. https://www.dhl.com/global-en/home/tracking.html?tracking-id=00340434161094042557','b7545c63-06ec-81f1-8e45-abce55ace06a','order.shipped','2026-11-26T16:37:03.762Z');
INSERT INTO "inbox" VALUES(72,'b7545c63-06ec-81f1-8e45-abce55ace06a/7/email','email','ada@example.com','Your order DBSSA-TSR3A-H has arrived','Hello Ada Lovelace,

your order DBSSA-TSR3A-H has been delivered. We hope you like it. Your order: http://127.0.0.1:40879/orders/b7545c63-06ec-81f1-8e45-abce55ace06a

Shop','b7545c63-06ec-81f1-8e45-abce55ace06a','order.delivered','2026-11-26T16:37:03.773Z');
INSERT INTO "inbox" VALUES(73,'b7545c63-06ec-81f1-8e45-abce55ace06a/7/sms','sms','+491701234567',NULL,'Shop: order DBSSA-TSR3A-H has been delivered. http://127.0.0.1:40879/orders/b7545c63-06ec-81f1-8e45-abce55ace06a','b7545c63-06ec-81f1-8e45-abce55ace06a','order.delivered','2026-11-26T16:37:03.785Z');
INSERT INTO "inbox" VALUES(74,'b3477147-2d29-84f1-849c-622f9f35cde3/2/email','email','ada@example.com','Your order 325YF-KBKF3-T at Shop: please pay','Hello Ada Lovelace,

we have your order 325YF-KBKF3-T and keep its items for you until 2026-11-26 17:07 UTC.

2 x Blue stoneware mug, 350 ml  39.80 EUR
1 x Earl Grey, loose, 100 g  8.90 EUR

Subtotal 48.70 EUR
Discount 0.00 EUR
Shipping 4.90 EUR
Tax 9.11 EUR
Total 62.71 EUR

Pay here: http://127.0.0.1:40879/orders/b3477147-2d29-84f1-849c-622f9f35cde3
Without a payment by then the order is cancelled and costs you nothing.

Shop','b3477147-2d29-84f1-849c-622f9f35cde3','order.submitted','2026-11-26T16:37:03.866Z');
INSERT INTO "inbox" VALUES(75,'b3477147-2d29-84f1-849c-622f9f35cde3/2/sms','sms','+491701234567',NULL,'Shop: order 325YF-KBKF3-T over 62.71 EUR waits for your payment until 2026-11-26 17:07 UTC. http://127.0.0.1:40879/orders/b3477147-2d29-84f1-849c-622f9f35cde3','b3477147-2d29-84f1-849c-622f9f35cde3','order.submitted','2026-11-26T16:37:03.883Z');
INSERT INTO "inbox" VALUES(76,'b3477147-2d29-84f1-849c-622f9f35cde3/4/email','email','ada@example.com','Your order 325YF-KBKF3-T at Shop is confirmed','Hello Ada Lovelace,

thank you, we have received your payment of 62.71 EUR. Your order 325YF-KBKF3-T is confirmed:

2 x Blue stoneware mug, 350 ml  39.80 EUR
1 x Earl Grey, loose, 100 g  8.90 EUR

We tell you when it is on its way. Follow it here: http://127.0.0.1:40879/orders/b3477147-2d29-84f1-849c-622f9f35cde3

Shop','b3477147-2d29-84f1-849c-622f9f35cde3','order.payment_confirmed','2026-11-26T16:37:03.925Z');
INSERT INTO "inbox" VALUES(77,'b3477147-2d29-84f1-849c-622f9f35cde3/4/sms','sms','+491701234567',NULL,'Shop: thank you! Order 325YF-KBKF3-T over 62.71 EUR is paid and confirmed. http://127.0.0.1:40879/orders/b3477147-2d29-84f1-849c-622f9f35cde3','b3477147-2d29-84f1-849c-622f9f35cde3','order.payment_confirmed','2026-11-26T16:37:03.963Z');
INSERT INTO "inbox" VALUES(78,'b3477147-2d29-84f1-849c-622f9f35cde3/5/email','email','ada@example.com','We are preparing your order 325YF-KBKF3-T','Hello Ada Lovelace,

your order 325YF-KBKF3-T is being prepared. Follow it here: http://127.0.0.1:40879/orders/b3477147-2d29-84f1-849c-622f9f35cde3

Shop','b3477147-2d29-84f1-849c-622f9f35cde3','order.processing_started','2026-11-26T16:37:04.024Z');
INSERT INTO "inbox" VALUES(79,'b3477147-2d29-84f1-849c-622f9f35cde3/5/sms','sms','+491701234567',NULL,'Shop: order 325YF-KBKF3-T is being prepared. http://127.0.0.1:40879/orders/b3477147-2d29-84f1-849c-622f9f35cde3','b3477147-2d29-84f1-849c-622f9f35cde3','order.processing_started','2026-11-26T16:37:04.076Z');
INSERT INTO "inbox" VALUES(80,'b3477147-2d29-84f1-849c-622f9f35cde3/6/email','email','ada@example.com','Your order 325YF-KBKF3-T is on its way','Hello Ada Lovelace,

your order 325YF-KBKF3-T has been handed to DHL. Tracking number: 00340434161094042557
Follow the parcel: https://www.dhl.com/global-en/home/tracking.html?tracking-id=00340434161094042557
Your order: http://127.0.0.1:40879/orders/b3477147-2d29-84f1-849c-622f9f35cde3

Shop','b3477147-2d29-84f1-849c-622f9f35cde3','order.shipped','2026-11-26T16:37:04.201Z');
INSERT INTO "inbox" VALUES(81,'b3477147-2d29-84f1-849c-622f9f35cde3/6/sms','sms','+491701234567',NULL,'Shop: order 325YF-KBKF3-T is on its way with DHL, tracking number 00340434161094042557. https://www.dhl.com/global-en/home/tracking.html?tracking-id=00340434161094042557','b3477147-2d29-84f1-849c-622f9f35cde3','order.shipped','2026-11-26T16:37:04.251Z');
INSERT INTO "inbox" VALUES(82,'b3477147-2d29-84f1-849c-622f9f35cde3/7/email','email','ada@example.com','Your order 325YF-KBKF3-T has arrived','Hello Ada Lovelace,

your order 325YF-KBKF3-T has been delivered. We hope you like it. Your order: http://127.0.0.1:40879/orders/b3477147-2d29-84f1-849c-622f9f35cde3

Shop','b3477147-2d29-84f1-849c-622f9f35cde3','order.delivered','2026-11-26T16:37:04.313Z');
INSERT INTO "inbox" VALUES(83,'b3477147-2d29-84f1-849c-622f9f35cde3/7/sms','sms','+491701234567',NULL,'Shop: order 325YF-KBKF3-T has been delivered. http://127.0.0.1:40879/orders/b3477147-2d29-84f1-849c-622f9f35cde3','b3477147-2d29-84f1-849c-622f9f35cde3','order.delivered','2026-11-26T16:37:04.351Z');
INSERT INTO "inbox" VALUES(84,'2d453ea9-7c29-85ee-b7ae-493539276d88/2/email','email','ada@example.com','Your order J96MW-JEVC8-B at Shop: please pay','Hello Ada Lovelace,

we have your order J96MW-JEVC8-B and keep its items for you until 2026-11-26 17:07 UTC.

1 x Sand stoneware mug, 350 ml  21.90 EUR
3 x Peppermint, loose, 100 g  20.70 EUR

Subtotal 42.60 EUR
Discount 0.00 EUR
Shipping 4.90 EUR
Tax 6.54 EUR
Total 54.04 EUR

Pay here: http://127.0.0.1:40879/orders/2d453ea9-7c29-85ee-b7ae-493539276d88
Without a payment by then the order is cancelled and costs you nothing.

Shop','2d453ea9-7c29-85ee-b7ae-493539276d88','order.submitted','2026-11-26T16:37:04.533Z');
INSERT INTO "inbox" VALUES(85,'2d453ea9-7c29-85ee-b7ae-493539276d88/2/sms','sms','+491701234567',NULL,'Shop: order J96MW-JEVC8-B over 54.04 EUR waits for your payment until 2026-11-26 17:07 UTC. http://127.0.0.1:40879/orders/2d453ea9-7c29-85ee-b7ae-493539276d88','2d453ea9-7c29-85ee-b7ae-493539276d88','order.submitted','2026-11-26T16:37:04.623Z');
INSERT INTO "inbox" VALUES(86,'2d453ea9-7c29-85ee-b7ae-493539276d88/4/email','email','ada@example.com','Your order J96MW-JEVC8-B at Shop is confirmed','Hello Ada Lovelace,

thank you, we have received your payment of 54.04 EUR. Your order J96MW-JEVC8-B is confirmed:

1 x Sand stoneware mug, 350 ml  21.90 EUR
3 x Peppermint, loose, 100 g  20.70 EUR

We tell you when it is on its way. Follow it here: http://127.0.0.1:40879/orders/2d453ea9-7c29-85ee-b7ae-493539276d88

Shop','2d453ea9-7c29-85ee-b7ae-493539276d88','order.payment_confirmed','2026-11-26T16:37:04.879Z');
INSERT INTO "inbox" VALUES(87,'2d453ea9-7c29-85ee-b7ae-493539276d88/4/sms','sms','+491701234567',NULL,'Shop: thank you! Order J96MW-JEVC8-B over 54.04 EUR is paid and confirmed. http://127.0.0.1:40879/orders/2d453ea9-7c29-85ee-b7ae-493539276d88','2d453ea9-7c29-85ee-b7ae-493539276d88','order.payment_confirmed','2026-11-26T16:37:05.222Z');
INSERT INTO "inbox" VALUES(88,'2d453ea9-7c29-85ee-b7ae-493539276d88/5/email','email','ada@example.com','Your order J96MW-JEVC8-B is cancelled','Hello Ada Lovelace,

as you asked, your order J96MW-JEVC8-B is cancelled.
What you paid goes back to you by the way you paid.
Your order: http://127.0.0.1:40879/orders/2d453ea9-7c29-85ee-b7ae-493539276d88

Shop','2d453ea9-7c29-85ee-b7ae-493539276d88','order.cancelled','2026-11-26T16:37:05.564Z');
INSERT INTO "inbox" VALUES(89,'2d453ea9-7c29-85ee-b7ae-493539276d88/5/sms','sms','+491701234567',NULL,'Shop: order J96MW-JEVC8-B is cancelled. Your money is on its way back. http://127.0.0.1:40879/orders/2d453ea9-7c29-85ee-b7ae-493539276d88','2d453ea9-7c29-85ee-b7ae-493539276d88','order.cancelled','2026-11-26T16:37:05.605Z');
INSERT INTO "inbox" VALUES(90,'2d453ea9-7c29-85ee-b7ae-493539276d88/6/email','email','ada@example.com','Your refund for order J96MW-JEVC8-B is on its way','Hello Ada Lovelace,

we send 54.04 EUR of order J96MW-JEVC8-B back to you, by the way you paid. Your order: http://127.0.0.1:40879/orders/2d453ea9-7c29-85ee-b7ae-493539276d88

Shop','2d453ea9-7c29-85ee-b7ae-493539276d88','order.refund_initiated','2026-11-26T16:37:05.648Z');
INSERT INTO "inbox" VALUES(91,'2d453ea9-7c29-85ee-b7ae-493539276d88/6/sms','sms','+491701234567',NULL,'Shop: 54.04 EUR of order J96MW-JEVC8-B is on its way back to you. http://127.0.0.1:40879/orders/2d453ea9-7c29-85ee-b7ae-493539276d88','2d453ea9-7c29-85ee-b7ae-493539276d88','order.refund_initiated','2026-11-26T16:37:05.702Z');
INSERT INTO "inbox" VALUES(92,'2d453ea9-7c29-85ee-b7ae-493539276d88/7/email','email','ada@example.com','Your refund for order J96MW-JEVC8-B is done','Hello Ada Lovelace,

54.04 EUR of order J96MW-JEVC8-B has been sent back to you. Depending on your bank it takes some days to show. Your order: http://127.0.0.1:40879/orders/2d453ea9-7c29-85ee-b7ae-493539276d88

Shop','2d453ea9-7c29-85ee-b7ae-493539276d88','order.refund_completed','2026-11-26T16:37:05.794Z');
INSERT INTO "inbox" VALUES(93,'2d453ea9-7c29-85ee-b7ae-493539276d88/7/sms','sms','+491701234567',NULL,'Shop: 54.04 EUR of order J96MW-JEVC8-B has been refunded. http://127.0.0.1:40879/orders/2d453ea9-7c29-85ee-b7ae-493539276d88','2d453ea9-7c29-85ee-b7ae-493539276d88','order.refund_completed','2026-11-26T16:37:05.861Z');
INSERT INTO "inbox" VALUES(94,'4713b4b5-bafd-8dea-82a5-17b24834a521/2/email','email','ada@example.com','Your order 8QP94-39991-H at Shop: please pay','Hello Ada Lovelace,

we have your order 8QP94-39991-H and keep its items for you until 2026-11-26 17:07 UTC.

1 x Sand stoneware mug, 350 ml  21.90 EUR
3 x Peppermint, loose, 100 g  20.70 EUR

Subtotal 42.60 EUR
Discount 0.00 EUR
Shipping 4.90 EUR
Tax 6.54 EUR
Total 54.04 EUR

Pay here: http://127.0.0.1:40879/orders/4713b4b5-bafd-8dea-82a5-17b24834a521
Without a payment by then the order is cancelled and costs you nothing.

Shop','4713b4b5-bafd-8dea-82a5-17b24834a521','order.submitted','2026-11-26T16:37:06.127Z');
INSERT INTO "inbox" VALUES(95,'4713b4b5-bafd-8dea-82a5-17b24834a521/2/sms','sms','+491701234567',NULL,'Shop: order 8QP94-39991-H over 54.04 EUR waits for your payment until 2026-11-26 17:07 UTC. http://127.0.0.1:40879/orders/4713b4b5-bafd-8dea-82a5-17b24834a521','4713b4b5-bafd-8dea-82a5-17b24834a521','order.submitted','2026-11-26T16:37:06.286Z');
INSERT INTO "inbox" VALUES(96,'4713b4b5-bafd-8dea-82a5-17b24834a521/5/email','email','ada@example.com','Your order 8QP94-39991-H at Shop is confirmed','Hello Ada Lovelace,

thank you, we have received your payment of 54.04 EUR. Your order 8QP94-39991-H is confirmed:

1 x Sand stoneware mug, 350 ml  21.90 EUR
3 x Peppermint, loose, 100 g  20.70 EUR

We tell you when it is on its way. Follow it here: http://127.0.0.1:40879/orders/4713b4b5-bafd-8dea-82a5-17b24834a521

Shop','4713b4b5-bafd-8dea-82a5-17b24834a521','order.payment_confirmed','2026-11-26T16:37:06.502Z');
INSERT INTO "inbox" VALUES(97,'4713b4b5-bafd-8dea-82a5-17b24834a521/5/sms','sms','+491701234567',NULL,'Shop: thank you! Order 8QP94-39991-H over 54.04 EUR is paid and confirmed. http://127.0.0.1:40879/orders/4713b4b5-bafd-8dea-82a5-17b24834a521','4713b4b5-bafd-8dea-82a5-17b24834a521','order.payment_confirmed','2026-11-26T16:37:06.558Z');
INSERT INTO "inbox" VALUES(98,'4713b4b5-bafd-8dea-82a5-17b24834a521/7/email','email','ada@example.com','Your refund for order 8QP94-39991-H is on its way','Hello Ada Lovelace,

we send 54.04 EUR of order 8QP94-39991-H back to you, by the way you paid. Your order: http://127.0.0.1:40879/orders/4713b4b5-bafd-8dea-82a5-17b24834a521

Shop','4713b4b5-bafd-8dea-82a5-17b24834a521','order.refund_initiated','2026-11-26T16:37:06.751Z');
INSERT INTO "inbox" VALUES(99,'4713b4b5-bafd-8dea-82a5-17b24834a521/7/sms','sms','+491701234567',NULL,'Shop: 54.04 EUR of order 8QP94-39991-H is on its way back to you. http://127.0.0.1:40879/orders/4713b4b5-bafd-8dea-82a5-17b24834a521','4713b4b5-bafd-8dea-82a5-17b24834a521','order.refund_initiated','2026-11-26T16:37:06.797Z');
INSERT INTO "inbox" VALUES(100,'4713b4b5-bafd-8dea-82a5-17b24834a521/8/email','email','ada@example.com','Your refund for order 8QP94-39991-H is done','Hello Ada Lovelace,

54.04 EUR of order 8QP94-39991-H has been sent back to you. Depending on your bank it takes some days to show. Your order: http://127.0.0.1:40879/orders/4713b4b5-bafd-8dea-82a5-17b24834a521

Shop','4713b4b5-bafd-8dea-82a5-17b24834a521','order.refund_completed','2026-11-26T16:37:06.906Z');
INSERT INTO "inbox" VALUES(101,'4713b4b5-bafd-8dea-82a5-17b24834a521/8/sms','sms','+491701234567',NULL,'Shop: 54.04 EUR of order 8QP94-39991-H has been refunded. http://127.0.0.1:40879/orders/4713b4b5-bafd-8dea-82a5-17b24834a521','4713b4b5-bafd-8dea-82a5-17b24834a521','order.refund_completed','2026-11-26T16:37:06.936Z');
INSERT INTO "inbox" VALUES(102,'35152cd1-88c9-8ebf-9854-72c7188b3172/2/email','email','ada@example.com','Your order 3JRWC-8PCBJ-D at Shop: please pay','Hello Ada Lovelace,

we have your order 3JRWC-8PCBJ-D and keep its items for you until 2026-11-26 17:07 UTC.

1 x Sand stoneware mug, 350 ml  21.90 EUR
3 x Peppermint, loose, 100 g  20.70 EUR

Subtotal 42.60 EUR
Discount 0.00 EUR
Shipping 4.90 EUR
Tax 6.54 EUR
Total 54.04 EUR

Pay here: http://127.0.0.1:40879/orders/35152cd1-88c9-8ebf-9854-72c7188b3172
Without a payment by then the order is cancelled and costs you nothing.

Shop','35152cd1-88c9-8ebf-9854-72c7188b3172','order.submitted','2026-11-26T16:37:07.149Z');
INSERT INTO "inbox" VALUES(103,'35152cd1-88c9-8ebf-9854-72c7188b3172/2/sms','sms','+491701234567',NULL,'Shop: order 3JRWC-8PCBJ-D over 54.04 EUR waits for your payment until 2026-11-26 17:07 UTC. http://127.0.0.1:40879/orders/35152cd1-88c9-8ebf-9854-72c7188b3172','35152cd1-88c9-8ebf-9854-72c7188b3172','order.submitted','2026-11-26T16:37:07.498Z');
INSERT INTO "inbox" VALUES(104,'35152cd1-88c9-8ebf-9854-72c7188b3172/4/email','email','ada@example.com','Your order 3JRWC-8PCBJ-D is cancelled','Hello Ada Lovelace,

as you asked, your order 3JRWC-8PCBJ-D is cancelled.
Nothing was charged.
Your order: http://127.0.0.1:40879/orders/35152cd1-88c9-8ebf-9854-72c7188b3172

Shop','35152cd1-88c9-8ebf-9854-72c7188b3172','order.cancelled','2026-11-26T16:37:08.044Z');
INSERT INTO "inbox" VALUES(105,'35152cd1-88c9-8ebf-9854-72c7188b3172/4/sms','sms','+491701234567',NULL,'Shop: order 3JRWC-8PCBJ-D is cancelled. Nothing was charged. http://127.0.0.1:40879/orders/35152cd1-88c9-8ebf-9854-72c7188b3172','35152cd1-88c9-8ebf-9854-72c7188b3172','order.cancelled','2026-11-26T16:37:08.163Z');
INSERT INTO "inbox" VALUES(106,'35152cd1-88c9-8ebf-9854-72c7188b3172/6/email','email','ada@example.com','Your refund for order 3JRWC-8PCBJ-D is on its way','Hello Ada Lovelace,

we send 54.04 EUR of order 3JRWC-8PCBJ-D back to you, by the way you paid. Your order: http://127.0.0.1:40879/orders/35152cd1-88c9-8ebf-9854-72c7188b3172

Shop','35152cd1-88c9-8ebf-9854-72c7188b3172','order.refund_initiated','2026-11-26T16:37:08.306Z');
INSERT INTO "inbox" VALUES(107,'35152cd1-88c9-8ebf-9854-72c7188b3172/6/sms','sms','+491701234567',NULL,'Shop: 54.04 EUR of order 3JRWC-8PCBJ-D is on its way back to you. http://127.0.0.1:40879/orders/35152cd1-88c9-8ebf-9854-72c7188b3172','35152cd1-88c9-8ebf-9854-72c7188b3172','order.refund_initiated','2026-11-26T16:37:08.368Z');
INSERT INTO "inbox" VALUES(108,'35152cd1-88c9-8ebf-9854-72c7188b3172/7/email','email','ada@example.com','Your refund for order 3JRWC-8PCBJ-D is done','Hello Ada Lovelace,

54.04 EUR of order 3JRWC-8PCBJ-D has been sent back to you. Depending on your bank it takes some days to show. Your order: http://127.0.0.1:40879/orders/35152cd1-88c9-8ebf-9854-72c7188b3172

Shop','35152cd1-88c9-8ebf-9854-72c7188b3172','order.refund_completed','2026-11-26T16:37:08.475Z');
INSERT INTO "inbox" VALUES(109,'35152cd1-88c9-8ebf-9854-72c7188b3172/7/sms','sms','+491701234567',NULL,'Shop: 54.04 EUR of order 3JRWC-8PCBJ-D has been refunded. http://127.0.0.1:40879/orders/35152cd1-88c9-8ebf-9854-72c7188b3172','35152cd1-88c9-8ebf-9854-72c7188b3172','order.refund_completed','2026-11-26T16:37:08.558Z');
INSERT INTO "inbox" VALUES(110,'f2341782-8e19-8983-afbb-319d4756f88e/2/email','email','ada@example.com','Your order SHKN3-NDY4E-E at Shop: please pay','Hello Ada Lovelace,

we have your order SHKN3-NDY4E-E and keep its items for you until 2026-11-26 17:07 UTC.

1 x Sand stoneware mug, 350 ml  21.90 EUR
3 x Peppermint, loose, 100 g  20.70 EUR

Subtotal 42.60 EUR
Discount 0.00 EUR
Shipping 4.90 EUR
Tax 6.54 EUR
Total 54.04 EUR

Pay here: http://127.0.0.1:40879/orders/f2341782-8e19-8983-afbb-319d4756f88e
Without a payment by then the order is cancelled and costs you nothing.

Shop','f2341782-8e19-8983-afbb-319d4756f88e','order.submitted','2026-11-26T16:37:08.913Z');
INSERT INTO "inbox" VALUES(111,'f2341782-8e19-8983-afbb-319d4756f88e/2/sms','sms','+491701234567',NULL,'Shop: order SHKN3-NDY4E-E over 54.04 EUR waits for your payment until 2026-11-26 17:07 UTC. http://127.0.0.1:40879/orders/f2341782-8e19-8983-afbb-319d4756f88e','f2341782-8e19-8983-afbb-319d4756f88e','order.submitted','2026-11-26T16:37:09.114Z');
INSERT INTO "inbox" VALUES(112,'f2341782-8e19-8983-afbb-319d4756f88e/4/email','email','ada@example.com','The payment for your order SHKN3-NDY4E-E did not work','Hello Ada Lovelace,

the payment of 54.04 EUR for your order SHKN3-NDY4E-E did not go through, and nothing was charged. Your items are still kept for you. Please try again, or choose another way to pay: http://127.0.0.1:40879/orders/f2341782-8e19-8983-afbb-319d4756f88e

Should you ask us about it, our name for this is ORD-2001.

Shop','f2341782-8e19-8983-afbb-319d4756f88e','order.payment_failed','2026-11-26T16:37:09.486Z');
INSERT INTO "inbox" VALUES(113,'f2341782-8e19-8983-afbb-319d4756f88e/4/sms','sms','+491701234567',NULL,'Shop: the payment for order SHKN3-NDY4E-E did not go through. Try again or pay another way: http://127.0.0.1:40879/orders/f2341782-8e19-8983-afbb-319d4756f88e','f2341782-8e19-8983-afbb-319d4756f88e','order.payment_failed','2026-11-26T16:37:09.658Z');
INSERT INTO "inbox" VALUES(114,'f2341782-8e19-8983-afbb-319d4756f88e/5/email','email','ada@example.com','Your order SHKN3-NDY4E-E at Shop is confirmed','Hello Ada Lovelace,

thank you, we have received your payment of 54.04 EUR. Your order SHKN3-NDY4E-E is confirmed:

1 x Sand stoneware mug, 350 ml  21.90 EUR
3 x Peppermint, loose, 100 g  20.70 EUR

We tell you when it is on its way. Follow it here: http://127.0.0.1:40879/orders/f2341782-8e19-8983-afbb-319d4756f88e

Shop','f2341782-8e19-8983-afbb-319d4756f88e','order.payment_confirmed','2026-11-26T16:37:09.908Z');
INSERT INTO "inbox" VALUES(115,'f2341782-8e19-8983-afbb-319d4756f88e/5/sms','sms','+491701234567',NULL,'Shop: thank you! Order SHKN3-NDY4E-E over 54.04 EUR is paid and confirmed. http://127.0.0.1:40879/orders/f2341782-8e19-8983-afbb-319d4756f88e','f2341782-8e19-8983-afbb-319d4756f88e','order.payment_confirmed','2026-11-26T16:37:10.021Z');
INSERT INTO "inbox" VALUES(116,'9b554f6d-ba0f-8d56-a910-1aab9d6cae40/2/email','email','ada@example.com','Your order 0TNEE-PSBJ0-Y at Shop: please pay','Hello Ada Lovelace,

we have your order 0TNEE-PSBJ0-Y and keep its items for you until 2026-11-26 17:07 UTC.

1 x Sand stoneware mug, 350 ml  21.90 EUR
3 x Peppermint, loose, 100 g  20.70 EUR

Subtotal 42.60 EUR
Discount 0.00 EUR
Shipping 4.90 EUR
Tax 6.54 EUR
Total 54.04 EUR

Pay here: http://127.0.0.1:40879/orders/9b554f6d-ba0f-8d56-a910-1aab9d6cae40
Without a payment by then the order is cancelled and costs you nothing.

Shop','9b554f6d-ba0f-8d56-a910-1aab9d6cae40','order.submitted','2026-11-26T16:37:10.352Z');
INSERT INTO "inbox" VALUES(117,'9b554f6d-ba0f-8d56-a910-1aab9d6cae40/2/sms','sms','+491701234567',NULL,'Shop: order 0TNEE-PSBJ0-Y over 54.04 EUR waits for your payment until 2026-11-26 17:07 UTC. http://127.0.0.1:40879/orders/9b554f6d-ba0f-8d56-a910-1aab9d6cae40','9b554f6d-ba0f-8d56-a910-1aab9d6cae40','order.submitted','2026-11-26T16:37:10.78Z');
INSERT INTO "inbox" VALUES(118,'9b554f6d-ba0f-8d56-a910-1aab9d6cae40/4/email','email','ada@example.com','Your order 0TNEE-PSBJ0-Y at Shop is confirmed','Hello Ada Lovelace,

thank you, we have received your payment of 54.04 EUR. Your order 0TNEE-PSBJ0-Y is confirmed:

1 x Sand stoneware mug, 350 ml  21.90 EUR
3 x Peppermint, loose, 100 g  20.70 EUR

We tell you when it is on its way. Follow it here: http://127.0.0.1:40879/orders/9b554f6d-ba0f-8d56-a910-1aab9d6cae40

Shop','9b554f6d-ba0f-8d56-a910-1aab9d6cae40','order.payment_confirmed','2026-11-26T16:37:11.083Z');
INSERT INTO "inbox" VALUES(119,'9b554f6d-ba0f-8d56-a910-1aab9d6cae40/4/sms','sms','+491701234567',NULL,'Shop: thank you! Order 0TNEE-PSBJ0-Y over 54.04 EUR is paid and confirmed. http://127.0.0.1:40879/orders/9b554f6d-ba0f-8d56-a910-1aab9d6cae40','9b554f6d-ba0f-8d56-a910-1aab9d6cae40','order.payment_confirmed','2026-11-26T16:37:11.158Z');
INSERT INTO "inbox" VALUES(120,'69810a0c-062d-8c3b-a85f-34f7f9df774c/2/email','email','ada@example.com','Your order SMYZW-XYXTC-Z at Shop: please pay','Hello Ada Lovelace,

we have your order SMYZW-XYXTC-Z and keep its items for you until 2026-11-26 17:07 UTC.

1 x Sand stoneware mug, 350 ml  21.90 EUR
3 x Peppermint, loose, 100 g  20.70 EUR

Subtotal 42.60 EUR
Discount 0.00 EUR
Shipping 4.90 EUR
Tax 6.54 EUR
Total 54.04 EUR

Pay here: http://127.0.0.1:40879/orders/69810a0c-062d-8c3b-a85f-34f7f9df774c
Without a payment by then the order is cancelled and costs you nothing.

Shop','69810a0c-062d-8c3b-a85f-34f7f9df774c','order.submitted','2026-11-26T16:37:11.599Z');
INSERT INTO "inbox" VALUES(121,'69810a0c-062d-8c3b-a85f-34f7f9df774c/2/sms','sms','+491701234567',NULL,'Shop: order SMYZW-XYXTC-Z over 54.04 EUR waits for your payment until 2026-11-26 17:07 UTC. http://127.0.0.1:40879/orders/69810a0c-062d-8c3b-a85f-34f7f9df774c','69810a0c-062d-8c3b-a85f-34f7f9df774c','order.submitted','2026-11-26T16:37:11.707Z');
INSERT INTO "inbox" VALUES(122,'69810a0c-062d-8c3b-a85f-34f7f9df774c/4/email','email','ada@example.com','Your order SMYZW-XYXTC-Z at Shop is confirmed','Hello Ada Lovelace,

thank you, we have received your payment of 54.04 EUR. Your order SMYZW-XYXTC-Z is confirmed:

1 x Sand stoneware mug, 350 ml  21.90 EUR
3 x Peppermint, loose, 100 g  20.70 EUR

We tell you when it is on its way. Follow it here: http://127.0.0.1:40879/orders/69810a0c-062d-8c3b-a85f-34f7f9df774c

Shop','69810a0c-062d-8c3b-a85f-34f7f9df774c','order.payment_confirmed','2026-11-26T16:37:12.049Z');
INSERT INTO "inbox" VALUES(123,'69810a0c-062d-8c3b-a85f-34f7f9df774c/4/sms','sms','+491701234567',NULL,'Shop: thank you! Order SMYZW-XYXTC-Z over 54.04 EUR is paid and confirmed. http://127.0.0.1:40879/orders/69810a0c-062d-8c3b-a85f-34f7f9df774c','69810a0c-062d-8c3b-a85f-34f7f9df774c','order.payment_confirmed','2026-11-26T16:37:12.146Z');
INSERT INTO "inbox" VALUES(124,'69810a0c-062d-8c3b-a85f-34f7f9df774c/5/email','email','ada@example.com','We are preparing your order SMYZW-XYXTC-Z','Hello Ada Lovelace,

your order SMYZW-XYXTC-Z is being prepared. Follow it here: http://127.0.0.1:40879/orders/69810a0c-062d-8c3b-a85f-34f7f9df774c

Shop','69810a0c-062d-8c3b-a85f-34f7f9df774c','order.processing_started','2026-11-26T16:37:12.23Z');
INSERT INTO "inbox" VALUES(125,'69810a0c-062d-8c3b-a85f-34f7f9df774c/5/sms','sms','+491701234567',NULL,'Shop: order SMYZW-XYXTC-Z is being prepared. http://127.0.0.1:40879/orders/69810a0c-062d-8c3b-a85f-34f7f9df774c','69810a0c-062d-8c3b-a85f-34f7f9df774c','order.processing_started','2026-11-26T16:37:12.249Z');
INSERT INTO "inbox" VALUES(126,'bef0917a-403a-8c05-a65d-adcdf0704eca/2/email','email','ada@example.com','Your order DDSQR-70KPA-T at Shop: please pay','Hello Ada Lovelace,

we have your order DDSQR-70KPA-T and keep its items for you until 2026-11-26 17:07 UTC.

13 x Lighthouse, signed print  1560.00 EUR

Subtotal 1560.00 EUR
Discount 0.00 EUR
Shipping 0.00 EUR
Tax 296.40 EUR
Total 1856.40 EUR

Pay here: http://127.0.0.1:40879/orders/bef0917a-403a-8c05-a65d-adcdf0704eca
Without a payment by then the order is cancelled and costs you nothing.

Shop','bef0917a-403a-8c05-a65d-adcdf0704eca','order.submitted','2026-11-26T16:37:12.502Z');
INSERT INTO "inbox" VALUES(127,'bef0917a-403a-8c05-a65d-adcdf0704eca/2/sms','sms','+491701234567',NULL,'Shop: order DDSQR-70KPA-T over 1856.40 EUR waits for your payment until 2026-11-26 17:07 UTC. http://127.0.0.1:40879/orders/bef0917a-403a-8c05-a65d-adcdf0704eca','bef0917a-403a-8c05-a65d-adcdf0704eca','order.submitted','2026-11-26T16:37:12.669Z');
INSERT INTO "inbox" VALUES(128,'bef0917a-403a-8c05-a65d-adcdf0704eca/5/email','email','ada@example.com','Your order DDSQR-70KPA-T at Shop is confirmed','Hello Ada Lovelace,

thank you, we have received your payment of 1856.40 EUR. Your order DDSQR-70KPA-T is confirmed:

13 x Lighthouse, signed print  1560.00 EUR

We tell you when it is on its way. Follow it here: http://127.0.0.1:40879/orders/bef0917a-403a-8c05-a65d-adcdf0704eca

Shop','bef0917a-403a-8c05-a65d-adcdf0704eca','order.payment_confirmed','2026-11-26T16:37:13.234Z');
INSERT INTO "inbox" VALUES(129,'bef0917a-403a-8c05-a65d-adcdf0704eca/5/sms','sms','+491701234567',NULL,'Shop: thank you! Order DDSQR-70KPA-T over 1856.40 EUR is paid and confirmed. http://127.0.0.1:40879/orders/bef0917a-403a-8c05-a65d-adcdf0704eca','bef0917a-403a-8c05-a65d-adcdf0704eca','order.payment_confirmed','2026-11-26T16:37:13.297Z');
INSERT INTO "inbox" VALUES(130,'96a79afa-0db0-83f7-a38f-7b133e104615/2/email','email','ada@example.com','Your order VV2CZ-10HGN-N at Shop: please pay','Hello Ada Lovelace,

we have your order VV2CZ-10HGN-N and keep its items for you until 2026-11-26 17:07 UTC.

13 x Lighthouse, signed print  1560.00 EUR

Subtotal 1560.00 EUR
Discount 0.00 EUR
Shipping 0.00 EUR
Tax 296.40 EUR
Total 1856.40 EUR

Pay here: http://127.0.0.1:40879/orders/96a79afa-0db0-83f7-a38f-7b133e104615
Without a payment by then the order is cancelled and costs you nothing.

Shop','96a79afa-0db0-83f7-a38f-7b133e104615','order.submitted','2026-11-26T16:37:13.769Z');
INSERT INTO "inbox" VALUES(131,'96a79afa-0db0-83f7-a38f-7b133e104615/2/sms','sms','+491701234567',NULL,'Shop: order VV2CZ-10HGN-N over 1856.40 EUR waits for your payment until 2026-11-26 17:07 UTC. http://127.0.0.1:40879/orders/96a79afa-0db0-83f7-a38f-7b133e104615','96a79afa-0db0-83f7-a38f-7b133e104615','order.submitted','2026-11-26T16:37:13.955Z');
INSERT INTO "inbox" VALUES(132,'96a79afa-0db0-83f7-a38f-7b133e104615/5/email','email','ada@example.com','Your order VV2CZ-10HGN-N at Shop is confirmed','Hello Ada Lovelace,

thank you, we have received your payment of 1856.40 EUR. Your order VV2CZ-10HGN-N is confirmed:

13 x Lighthouse, signed print  1560.00 EUR

We tell you when it is on its way. Follow it here: http://127.0.0.1:40879/orders/96a79afa-0db0-83f7-a38f-7b133e104615

Shop','96a79afa-0db0-83f7-a38f-7b133e104615','order.payment_confirmed','2026-11-26T16:37:14.444Z');
INSERT INTO "inbox" VALUES(133,'96a79afa-0db0-83f7-a38f-7b133e104615/5/sms','sms','+491701234567',NULL,'Shop: thank you! Order VV2CZ-10HGN-N over 1856.40 EUR is paid and confirmed. http://127.0.0.1:40879/orders/96a79afa-0db0-83f7-a38f-7b133e104615','96a79afa-0db0-83f7-a38f-7b133e104615','order.payment_confirmed','2026-11-26T16:37:14.633Z');
INSERT INTO "inbox" VALUES(134,'96a79afa-0db0-83f7-a38f-7b133e104615/6/email','email','ada@example.com','Your order VV2CZ-10HGN-N is cancelled','Hello Ada Lovelace,

we are sorry: your order VV2CZ-10HGN-N is cancelled.
What you paid goes back to you by the way you paid.
Your order: http://127.0.0.1:40879/orders/96a79afa-0db0-83f7-a38f-7b133e104615

Shop','96a79afa-0db0-83f7-a38f-7b133e104615','order.cancelled','2026-11-26T16:37:14.731Z');
INSERT INTO "inbox" VALUES(135,'96a79afa-0db0-83f7-a38f-7b133e104615/6/sms','sms','+491701234567',NULL,'Shop: order VV2CZ-10HGN-N is cancelled. Your money is on its way back. http://127.0.0.1:40879/orders/96a79afa-0db0-83f7-a38f-7b133e104615','96a79afa-0db0-83f7-a38f-7b133e104615','order.cancelled','2026-11-26T16:37:14.794Z');
INSERT INTO "inbox" VALUES(136,'96a79afa-0db0-83f7-a38f-7b133e104615/7/email','email','ada@example.com','Your refund for order VV2CZ-10HGN-N is on its way','Hello Ada Lovelace,

we send 1856.40 EUR of order VV2CZ-10HGN-N back to you, by the way you paid. Your order: http://127.0.0.1:40879/orders/96a79afa-0db0-83f7-a38f-7b133e104615

Shop','96a79afa-0db0-83f7-a38f-7b133e104615','order.refund_initiated','2026-11-26T16:37:14.851Z');
INSERT INTO "inbox" VALUES(137,'96a79afa-0db0-83f7-a38f-7b133e104615/7/sms','sms','+491701234567',NULL,'Shop: 1856.40 EUR of order VV2CZ-10HGN-N is on its way back to you. http://127.0.0.1:40879/orders/96a79afa-0db0-83f7-a38f-7b133e104615','96a79afa-0db0-83f7-a38f-7b133e104615','order.refund_initiated','2026-11-26T16:37:14.894Z');
INSERT INTO "inbox" VALUES(138,'96a79afa-0db0-83f7-a38f-7b133e104615/8/email','email','ada@example.com','Your refund for order VV2CZ-10HGN-N is done','Hello Ada Lovelace,

1856.40 EUR of order VV2CZ-10HGN-N has been sent back to you. Depending on your bank it takes some days to show. Your order: http://127.0.0.1:40879/orders/96a79afa-0db0-83f7-a38f-7b133e104615

Shop','96a79afa-0db0-83f7-a38f-7b133e104615','order.refund_completed','2026-11-26T16:37:14.98Z');
INSERT INTO "inbox" VALUES(139,'96a79afa-0db0-83f7-a38f-7b133e104615/8/sms','sms','+491701234567',NULL,'Shop: 1856.40 EUR of order VV2CZ-10HGN-N has been refunded. http://127.0.0.1:40879/orders/96a79afa-0db0-83f7-a38f-7b133e104615','96a79afa-0db0-83f7-a38f-7b133e104615','order.refund_completed','2026-11-26T16:37:15.052Z');
INSERT INTO "inbox" VALUES(140,'759b341b-00c7-883e-9248-755d565d2ad1/2/email','email','ada@example.com','Your order 3NBNB-5TAPH-0 at Shop: please pay','Hello Ada Lovelace,

we have your order 3NBNB-5TAPH-0 and keep its items for you until 2026-11-26 17:07 UTC.

13 x Lighthouse, signed print  1560.00 EUR

Subtotal 1560.00 EUR
Discount 0.00 EUR
Shipping 0.00 EUR
Tax 296.40 EUR
Total 1856.40 EUR

Pay here: http://127.0.0.1:40879/orders/759b341b-00c7-883e-9248-755d565d2ad1
Without a payment by then the order is cancelled and costs you nothing.

Shop','759b341b-00c7-883e-9248-755d565d2ad1','order.submitted','2026-11-26T16:37:15.415Z');
INSERT INTO "inbox" VALUES(141,'759b341b-00c7-883e-9248-755d565d2ad1/2/sms','sms','+491701234567',NULL,'Shop: order 3NBNB-5TAPH-0 over 1856.40 EUR waits for your payment until 2026-11-26 17:07 UTC. http://127.0.0.1:40879/orders/759b341b-00c7-883e-9248-755d565d2ad1','759b341b-00c7-883e-9248-755d565d2ad1','order.submitted','2026-11-26T16:37:15.554Z');
INSERT INTO "inbox" VALUES(142,'759b341b-00c7-883e-9248-755d565d2ad1/5/email','email','ada@example.com','Your order 3NBNB-5TAPH-0 at Shop is confirmed','Hello Ada Lovelace,

thank you, we have received your payment of 1856.40 EUR. Your order 3NBNB-5TAPH-0 is confirmed:

13 x Lighthouse, signed print  1560.00 EUR

We tell you when it is on its way. Follow it here: http://127.0.0.1:40879/orders/759b341b-00c7-883e-9248-755d565d2ad1

Shop','759b341b-00c7-883e-9248-755d565d2ad1','order.payment_confirmed','2026-11-26T16:37:15.89Z');
INSERT INTO "inbox" VALUES(143,'759b341b-00c7-883e-9248-755d565d2ad1/5/sms','sms','+491701234567',NULL,'Shop: thank you! Order 3NBNB-5TAPH-0 over 1856.40 EUR is paid and confirmed. http://127.0.0.1:40879/orders/759b341b-00c7-883e-9248-755d565d2ad1','759b341b-00c7-883e-9248-755d565d2ad1','order.payment_confirmed','2026-11-26T16:37:15.956Z');
INSERT INTO "inbox" VALUES(144,'adaa7a07-3189-8a99-9e8f-a14bff72f330/2/email','email','ada@example.com','Your order X19FZ-Q5WSG-M at Shop: please pay','Hello Ada Lovelace,

we have your order X19FZ-Q5WSG-M and keep its items for you until 2026-11-26 17:07 UTC.

1 x Blue stoneware mug, 350 ml  19.90 EUR

Subtotal 19.90 EUR
Discount 0.00 EUR
Shipping 4.90 EUR
Tax 4.71 EUR
Total 29.51 EUR

Pay here: http://127.0.0.1:40879/orders/adaa7a07-3189-8a99-9e8f-a14bff72f330
Without a payment by then the order is cancelled and costs you nothing.

Shop','adaa7a07-3189-8a99-9e8f-a14bff72f330','order.submitted','2026-11-26T16:37:16.216Z');
INSERT INTO "inbox" VALUES(145,'adaa7a07-3189-8a99-9e8f-a14bff72f330/2/sms','sms','+491701234567',NULL,'Shop: order X19FZ-Q5WSG-M over 29.51 EUR waits for your payment until 2026-11-26 17:07 UTC. http://127.0.0.1:40879/orders/adaa7a07-3189-8a99-9e8f-a14bff72f330','adaa7a07-3189-8a99-9e8f-a14bff72f330','order.submitted','2026-11-26T16:37:16.356Z');
INSERT INTO "inbox" VALUES(146,'adaa7a07-3189-8a99-9e8f-a14bff72f330/4/email','email','ada@example.com','Your order X19FZ-Q5WSG-M at Shop is confirmed','Hello Ada Lovelace,

thank you, we have received your payment of 29.51 EUR. Your order X19FZ-Q5WSG-M is confirmed:

1 x Blue stoneware mug, 350 ml  19.90 EUR

We tell you when it is on its way. Follow it here: http://127.0.0.1:40879/orders/adaa7a07-3189-8a99-9e8f-a14bff72f330

Shop','adaa7a07-3189-8a99-9e8f-a14bff72f330','order.payment_confirmed','2026-11-26T16:37:16.749Z');
INSERT INTO "inbox" VALUES(147,'adaa7a07-3189-8a99-9e8f-a14bff72f330/4/sms','sms','+491701234567',NULL,'Shop: thank you! Order X19FZ-Q5WSG-M over 29.51 EUR is paid and confirmed. http://127.0.0.1:40879/orders/adaa7a07-3189-8a99-9e8f-a14bff72f330','adaa7a07-3189-8a99-9e8f-a14bff72f330','order.payment_confirmed','2026-11-26T16:37:16.82Z');
INSERT INTO "inbox" VALUES(148,'adaa7a07-3189-8a99-9e8f-a14bff72f330/5/email','email','ada@example.com','We are preparing your order X19FZ-Q5WSG-M','Hello Ada Lovelace,

your order X19FZ-Q5WSG-M is being prepared. Follow it here: http://127.0.0.1:40879/orders/adaa7a07-3189-8a99-9e8f-a14bff72f330

Shop','adaa7a07-3189-8a99-9e8f-a14bff72f330','order.processing_started','2026-11-26T16:37:16.891Z');
INSERT INTO "inbox" VALUES(149,'adaa7a07-3189-8a99-9e8f-a14bff72f330/5/sms','sms','+491701234567',NULL,'Shop: order X19FZ-Q5WSG-M is being prepared. http://127.0.0.1:40879/orders/adaa7a07-3189-8a99-9e8f-a14bff72f330','adaa7a07-3189-8a99-9e8f-a14bff72f330','order.processing_started','2026-11-26T16:37:17.006Z');
INSERT INTO "inbox" VALUES(150,'e1d760d5-9772-8565-968d-dcd7dff6e779/2/email','email','ada@example.com','Your order EWTZF-ZDSVS-4 at Shop: please pay','Hello Ada Lovelace,

we have your order EWTZF-ZDSVS-4 and keep its items for you until 2026-11-26 17:07 UTC.

2 x Earl Grey, loose, 100 g  17.80 EUR

Subtotal 17.80 EUR
Discount 0.00 EUR
Shipping 4.90 EUR
Tax 2.18 EUR
Total 24.88 EUR

Pay here: http://127.0.0.1:40879/orders/e1d760d5-9772-8565-968d-dcd7dff6e779
Without a payment by then the order is cancelled and costs you nothing.

Shop','e1d760d5-9772-8565-968d-dcd7dff6e779','order.submitted','2026-11-26T16:37:17.267Z');
INSERT INTO "inbox" VALUES(151,'adaa7a07-3189-8a99-9e8f-a14bff72f330/6/email','email','ada@example.com','Your order X19FZ-Q5WSG-M is on its way','Hello Ada Lovelace,

your order X19FZ-Q5WSG-M has been handed to DHL. Tracking number: 00340434161094042557
Follow the parcel: https://www.dhl.com/global-en/home/tracking.html?tracking-id=00340434161094042557
Your order: http://127.0.0.1:40879/orders/adaa7a07-3189-8a99-9e8f-a14bff72f330

Shop','adaa7a07-3189-8a99-9e8f-a14bff72f330','order.shipped','2026-11-26T16:37:17.402Z');
INSERT INTO "inbox" VALUES(152,'e1d760d5-9772-8565-968d-dcd7dff6e779/2/sms','sms','+491701234567',NULL,'Shop: order EWTZF-ZDSVS-4 over 24.88 EUR waits for your payment until 2026-11-26 17:07 UTC. http://127.0.0.1:40879/orders/e1d760d5-9772-8565-968d-dcd7dff6e779','e1d760d5-9772-8565-968d-dcd7dff6e779','order.submitted','2026-11-26T16:37:17.458Z');
INSERT INTO "inbox" VALUES(153,'adaa7a07-3189-8a99-9e8f-a14bff72f330/6/sms','sms','+491701234567',NULL,'Shop: order X19FZ-Q5WSG-M is on its way with DHL, tracking number 00340434161094042557. https://www.dhl.com/global-en/home/tracking.html?tracking-id=00340434161094042557','adaa7a07-3189-8a99-9e8f-a14bff72f330','order.shipped','2026-11-26T16:37:17.54Z');
INSERT INTO "inbox" VALUES(154,'e1d760d5-9772-8565-968d-dcd7dff6e779/3/email','email','ada@example.com','Your order EWTZF-ZDSVS-4 is cancelled','Hello Ada Lovelace,

we are sorry: your order EWTZF-ZDSVS-4 is cancelled.
Nothing was charged.
Your order: http://127.0.0.1:40879/orders/e1d760d5-9772-8565-968d-dcd7dff6e779

Shop','e1d760d5-9772-8565-968d-dcd7dff6e779','order.cancelled','2026-11-26T16:37:17.711Z');
INSERT INTO "inbox" VALUES(155,'e1d760d5-9772-8565-968d-dcd7dff6e779/3/sms','sms','+491701234567',NULL,'Shop: order EWTZF-ZDSVS-4 is cancelled. Nothing was charged. http://127.0.0.1:40879/orders/e1d760d5-9772-8565-968d-dcd7dff6e779','e1d760d5-9772-8565-968d-dcd7dff6e779','order.cancelled','2026-11-26T16:37:17.794Z');
INSERT INTO "inbox" VALUES(156,'bea476bb-ea53-8d33-bf12-3cb24df4e361/2/email','email','ada@example.com','Your order HWP96-Z9RV1-J at Shop: please pay','Hello Ada Lovelace,

we have your order HWP96-Z9RV1-J and keep its items for you until 2026-11-26 17:07 UTC.

2 x Earl Grey, loose, 100 g  17.80 EUR

Subtotal 17.80 EUR
Discount 0.00 EUR
Shipping 4.90 EUR
Tax 2.18 EUR
Total 24.88 EUR

Pay here: http://127.0.0.1:40879/orders/bea476bb-ea53-8d33-bf12-3cb24df4e361
Without a payment by then the order is cancelled and costs you nothing.

Shop','bea476bb-ea53-8d33-bf12-3cb24df4e361','order.submitted','2026-11-26T16:37:18.215Z');
INSERT INTO "inbox" VALUES(157,'bea476bb-ea53-8d33-bf12-3cb24df4e361/2/sms','sms','+491701234567',NULL,'Shop: order HWP96-Z9RV1-J over 24.88 EUR waits for your payment until 2026-11-26 17:07 UTC. http://127.0.0.1:40879/orders/bea476bb-ea53-8d33-bf12-3cb24df4e361','bea476bb-ea53-8d33-bf12-3cb24df4e361','order.submitted','2026-11-26T16:37:18.425Z');
INSERT INTO "inbox" VALUES(158,'bea476bb-ea53-8d33-bf12-3cb24df4e361/4/email','email','ada@example.com','Your order HWP96-Z9RV1-J is cancelled','Hello Ada Lovelace,

we have not received a payment for your order HWP96-Z9RV1-J in time, so it is cancelled. You are welcome to order again.
Nothing was charged.
Your order: http://127.0.0.1:40879/orders/bea476bb-ea53-8d33-bf12-3cb24df4e361

Shop','bea476bb-ea53-8d33-bf12-3cb24df4e361','order.cancelled','2026-11-26T17:08:18.998Z');
INSERT INTO "inbox" VALUES(159,'bea476bb-ea53-8d33-bf12-3cb24df4e361/4/sms','sms','+491701234567',NULL,'Shop: order HWP96-Z9RV1-J is cancelled. Nothing was charged. http://127.0.0.1:40879/orders/bea476bb-ea53-8d33-bf12-3cb24df4e361','bea476bb-ea53-8d33-bf12-3cb24df4e361','order.cancelled','2026-11-26T17:08:19.032Z');
INSERT INTO "inbox" VALUES(160,'99f013bb-6243-8ac6-b7e7-2fbcb1cd5287/2/email','email','ada@example.com','Your order SFQJR-WTMM7-Q at Shop: please pay','Hello Ada Lovelace,

we have your order SFQJR-WTMM7-Q and keep its items for you until 2026-11-26 17:38 UTC.

2 x Blue stoneware mug, 350 ml  39.80 EUR
1 x Earl Grey, loose, 100 g  8.90 EUR

Subtotal 48.70 EUR
Discount 0.00 EUR
Shipping 4.90 EUR
Tax 9.11 EUR
Total 62.71 EUR

Pay here: http://127.0.0.1:40879/orders/99f013bb-6243-8ac6-b7e7-2fbcb1cd5287
Without a payment by then the order is cancelled and costs you nothing.

Shop','99f013bb-6243-8ac6-b7e7-2fbcb1cd5287','order.submitted','2026-11-26T17:08:19.679Z');
INSERT INTO "inbox" VALUES(161,'99f013bb-6243-8ac6-b7e7-2fbcb1cd5287/2/sms','sms','+491701234567',NULL,'Shop: order SFQJR-WTMM7-Q over 62.71 EUR waits for your payment until 2026-11-26 17:38 UTC. http://127.0.0.1:40879/orders/99f013bb-6243-8ac6-b7e7-2fbcb1cd5287','99f013bb-6243-8ac6-b7e7-2fbcb1cd5287','order.submitted','2026-11-26T17:08:20.334Z');
INSERT INTO "inbox" VALUES(162,'99f013bb-6243-8ac6-b7e7-2fbcb1cd5287/4/email','email','ada@example.com','Your order SFQJR-WTMM7-Q at Shop is confirmed','Hello Ada Lovelace,

thank you, we have received your payment of 62.71 EUR. Your order SFQJR-WTMM7-Q is confirmed:

2 x Blue stoneware mug, 350 ml  39.80 EUR
1 x Earl Grey, loose, 100 g  8.90 EUR

We tell you when it is on its way. Follow it here: http://127.0.0.1:40879/orders/99f013bb-6243-8ac6-b7e7-2fbcb1cd5287

Shop','99f013bb-6243-8ac6-b7e7-2fbcb1cd5287','order.payment_confirmed','2026-11-26T17:08:20.968Z');
INSERT INTO "inbox" VALUES(163,'99f013bb-6243-8ac6-b7e7-2fbcb1cd5287/4/sms','sms','+491701234567',NULL,'Shop: thank you! Order SFQJR-WTMM7-Q over 62.71 EUR is paid and confirmed. http://127.0.0.1:40879/orders/99f013bb-6243-8ac6-b7e7-2fbcb1cd5287','99f013bb-6243-8ac6-b7e7-2fbcb1cd5287','order.payment_confirmed','2026-11-26T17:08:21.193Z');
INSERT INTO "inbox" VALUES(164,'99f013bb-6243-8ac6-b7e7-2fbcb1cd5287/5/email','email','ada@example.com','We are preparing your order SFQJR-WTMM7-Q','Hello Ada Lovelace,

your order SFQJR-WTMM7-Q is being prepared. Follow it here: http://127.0.0.1:40879/orders/99f013bb-6243-8ac6-b7e7-2fbcb1cd5287

Shop','99f013bb-6243-8ac6-b7e7-2fbcb1cd5287','order.processing_started','2026-11-26T17:08:21.647Z');
INSERT INTO "inbox" VALUES(165,'99f013bb-6243-8ac6-b7e7-2fbcb1cd5287/5/sms','sms','+491701234567',NULL,'Shop: order SFQJR-WTMM7-Q is being prepared. http://127.0.0.1:40879/orders/99f013bb-6243-8ac6-b7e7-2fbcb1cd5287','99f013bb-6243-8ac6-b7e7-2fbcb1cd5287','order.processing_started','2026-11-26T17:08:21.712Z');
INSERT INTO "inbox" VALUES(166,'99f013bb-6243-8ac6-b7e7-2fbcb1cd5287/6/email','email','ada@example.com','Your order SFQJR-WTMM7-Q is on its way','Hello Ada Lovelace,

your order SFQJR-WTMM7-Q has been handed to DHL. Tracking number: 00340434161094042557
Follow the parcel: https://www.dhl.com/global-en/home/tracking.html?tracking-id=00340434161094042557
Your order: http://127.0.0.1:40879/orders/99f013bb-6243-8ac6-b7e7-2fbcb1cd5287

Shop','99f013bb-6243-8ac6-b7e7-2fbcb1cd5287','order.shipped','2026-11-26T17:08:22.164Z');
INSERT INTO "inbox" VALUES(167,'99f013bb-6243-8ac6-b7e7-2fbcb1cd5287/6/sms','sms','+491701234567',NULL,'Shop: order SFQJR-WTMM7-Q is on its way with DHL, tracking number 00340434161094042557. https://www.dhl.com/global-en/home/tracking.html?tracking-id=00340434161094042557','99f013bb-6243-8ac6-b7e7-2fbcb1cd5287','order.shipped','2026-11-26T17:08:23.142Z');
INSERT INTO "inbox" VALUES(168,'99f013bb-6243-8ac6-b7e7-2fbcb1cd5287/7/email','email','ada@example.com','Your order SFQJR-WTMM7-Q has arrived','Hello Ada Lovelace,

your order SFQJR-WTMM7-Q has been delivered. We hope you like it. Your order: http://127.0.0.1:40879/orders/99f013bb-6243-8ac6-b7e7-2fbcb1cd5287

Shop','99f013bb-6243-8ac6-b7e7-2fbcb1cd5287','order.delivered','2026-11-26T17:08:23.263Z');
INSERT INTO "inbox" VALUES(169,'99f013bb-6243-8ac6-b7e7-2fbcb1cd5287/7/sms','sms','+491701234567',NULL,'Shop: order SFQJR-WTMM7-Q has been delivered. http://127.0.0.1:40879/orders/99f013bb-6243-8ac6-b7e7-2fbcb1cd5287','99f013bb-6243-8ac6-b7e7-2fbcb1cd5287','order.delivered','2026-11-26T17:08:23.302Z');
INSERT INTO "inbox" VALUES(170,'99f013bb-6243-8ac6-b7e7-2fbcb1cd5287/8/email','email','ada@example.com','We have your return request for order SFQJR-WTMM7-Q','Hello Ada Lovelace,

we have your request to return items of order SFQJR-WTMM7-Q and will come back to you. Your order: http://127.0.0.1:40879/orders/99f013bb-6243-8ac6-b7e7-2fbcb1cd5287

Shop','99f013bb-6243-8ac6-b7e7-2fbcb1cd5287','order.return_requested','2026-11-26T17:08:23.369Z');
INSERT INTO "inbox" VALUES(171,'99f013bb-6243-8ac6-b7e7-2fbcb1cd5287/8/sms','sms','+491701234567',NULL,'Shop: we have your return request for order SFQJR-WTMM7-Q. http://127.0.0.1:40879/orders/99f013bb-6243-8ac6-b7e7-2fbcb1cd5287','99f013bb-6243-8ac6-b7e7-2fbcb1cd5287','order.return_requested','2026-11-26T17:08:23.455Z');
INSERT INTO "inbox" VALUES(172,'5bb658cc-bc76-8445-938f-0a58c15a95e4/2/email','email','ada@example.com','Your order RAB30-NN5F4-2 at Shop: please pay','Hello Ada Lovelace,

we have your order RAB30-NN5F4-2 and keep its items for you until 2026-11-26 17:38 UTC.

2 x Blue stoneware mug, 350 ml  39.80 EUR
1 x Earl Grey, loose, 100 g  8.90 EUR

Subtotal 48.70 EUR
Discount 0.00 EUR
Shipping 4.90 EUR
Tax 9.11 EUR
Total 62.71 EUR

Pay here: http://127.0.0.1:40879/orders/5bb658cc-bc76-8445-938f-0a58c15a95e4
Without a payment by then the order is cancelled and costs you nothing.

Shop','5bb658cc-bc76-8445-938f-0a58c15a95e4','order.submitted','2026-11-26T17:08:23.655Z');
INSERT INTO "inbox" VALUES(173,'5bb658cc-bc76-8445-938f-0a58c15a95e4/2/sms','sms','+491701234567',NULL,'Shop: order RAB30-NN5F4-2 over 62.71 EUR waits for your payment until 2026-11-26 17:38 UTC. http://127.0.0.1:40879/orders/5bb658cc-bc76-8445-938f-0a58c15a95e4','5bb658cc-bc76-8445-938f-0a58c15a95e4','order.submitted','2026-11-26T17:08:23.943Z');
INSERT INTO "inbox" VALUES(174,'5bb658cc-bc76-8445-938f-0a58c15a95e4/4/email','email','ada@example.com','Your order RAB30-NN5F4-2 at Shop is confirmed','Hello Ada Lovelace,

thank you, we have received your payment of 62.71 EUR. Your order RAB30-NN5F4-2 is confirmed:

2 x Blue stoneware mug, 350 ml  39.80 EUR
1 x Earl Grey, loose, 100 g  8.90 EUR

We tell you when it is on its way. Follow it here: http://127.0.0.1:40879/orders/5bb658cc-bc76-8445-938f-0a58c15a95e4

Shop','5bb658cc-bc76-8445-938f-0a58c15a95e4','order.payment_confirmed','2026-11-26T17:08:24.335Z');
INSERT INTO "inbox" VALUES(175,'5bb658cc-bc76-8445-938f-0a58c15a95e4/4/sms','sms','+491701234567',NULL,'Shop: thank you! Order RAB30-NN5F4-2 over 62.71 EUR is paid and confirmed. http://127.0.0.1:40879/orders/5bb658cc-bc76-8445-938f-0a58c15a95e4','5bb658cc-bc76-8445-938f-0a58c15a95e4','order.payment_confirmed','2026-11-26T17:08:24.443Z');
INSERT INTO "inbox" VALUES(176,'5bb658cc-bc76-8445-938f-0a58c15a95e4/5/email','email','ada@example.com','We are preparing your order RAB30-NN5F4-2','Hello Ada Lovelace,

your order RAB30-NN5F4-2 is being prepared. Follow it here: http://127.0.0.1:40879/orders/5bb658cc-bc76-8445-938f-0a58c15a95e4

Shop','5bb658cc-bc76-8445-938f-0a58c15a95e4','order.processing_started','2026-11-26T17:08:24.557Z');
INSERT INTO "inbox" VALUES(177,'5bb658cc-bc76-8445-938f-0a58c15a95e4/5/sms','sms','+491701234567',NULL,'Shop: order RAB30-NN5F4-2 is being prepared. http://127.0.0.1:40879/orders/5bb658cc-bc76-8445-938f-0a58c15a95e4','5bb658cc-bc76-8445-938f-0a58c15a95e4','order.processing_started','2026-11-26T17:08:24.686Z');
INSERT INTO "inbox" VALUES(178,'5bb658cc-bc76-8445-938f-0a58c15a95e4/6/email','email','ada@example.com','Your order RAB30-NN5F4-2 is on its way','Hello Ada Lovelace,

your order RAB30-NN5F4-2 has been handed to DHL. Tracking number: 00340434161094042557
Follow the parcel: https://www.dhl.com/global-en/home/tracking.html?tracking-id=00340434161094042557
Your order: http://127.0.0.1:40879/orders/5bb658cc-bc76-8445-938f-0a58c15a95e4

Shop','5bb658cc-bc76-8445-938f-0a58c15a95e4','order.shipped','2026-11-26T17:08:24.841Z');
INSERT INTO "inbox" VALUES(179,'5bb658cc-bc76-8445-938f-0a58c15a95e4/6/sms','sms','+491701234567',NULL,'Shop: order RAB30-NN5F4-2 is on its way with DHL, tracking number 00340434161094042557. https://www.dhl.com/global-en/home/tracking.html?tracking-id=00340434161094042557','5bb658cc-bc76-8445-938f-0a58c15a95e4','order.shipped','2026-11-26T17:08:24.857Z');
INSERT INTO "inbox" VALUES(180,'5bb658cc-bc76-8445-938f-0a58c15a95e4/7/email','email','ada@example.com','Your order RAB30-NN5F4-2 has arrived','Hello Ada Lovelace,

your order RAB30-NN5F4-2 has been delivered. We hope you like it. Your order: http://127.0.0.1:40879/orders/5bb658cc-bc76-8445-938f-0a58c15a95e4

Shop','5bb658cc-bc76-8445-938f-0a58c15a95e4','order.delivered','2026-11-26T17:08:24.88Z');
INSERT INTO "inbox" VALUES(181,'5bb658cc-bc76-8445-938f-0a58c15a95e4/7/sms','sms','+491701234567',NULL,'Shop: order RAB30-NN5F4-2 has been delivered. http://127.0.0.1:40879/orders/5bb658cc-bc76-8445-938f-0a58c15a95e4','5bb658cc-bc76-8445-938f-0a58c15a95e4','order.delivered','2026-11-26T17:08:24.935Z');
INSERT INTO "inbox" VALUES(182,'5bb658cc-bc76-8445-938f-0a58c15a95e4/8/email','email','ada@example.com','We have your return request for order RAB30-NN5F4-2','Hello Ada Lovelace,

we have your request to return items of order RAB30-NN5F4-2 and will come back to you. Your order: http://127.0.0.1:40879/orders/5bb658cc-bc76-8445-938f-0a58c15a95e4

Shop','5bb658cc-bc76-8445-938f-0a58c15a95e4','order.return_requested','2026-11-26T17:08:25.019Z');
INSERT INTO "inbox" VALUES(183,'5bb658cc-bc76-8445-938f-0a58c15a95e4/8/sms','sms','+491701234567',NULL,'Shop: we have your return request for order RAB30-NN5F4-2. http://127.0.0.1:40879/orders/5bb658cc-bc76-8445-938f-0a58c15a95e4','5bb658cc-bc76-8445-938f-0a58c15a95e4','order.return_requested','2026-11-26T17:08:25.031Z');
INSERT INTO "inbox" VALUES(184,'5bb658cc-bc76-8445-938f-0a58c15a95e4/9/email','email','ada@example.com','About your return request for order RAB30-NN5F4-2','Hello Ada Lovelace,

we are sorry: we cannot accept your return of items of order RAB30-NN5F4-2. The reason is with your order: http://127.0.0.1:40879/orders/5bb658cc-bc76-8445-938f-0a58c15a95e4

Shop','5bb658cc-bc76-8445-938f-0a58c15a95e4','order.return_denied','2026-11-26T17:08:25.203Z');
INSERT INTO "inbox" VALUES(185,'5bb658cc-bc76-8445-938f-0a58c15a95e4/9/sms','sms','+491701234567',NULL,'Shop: your return request for order RAB30-NN5F4-2 was not accepted. http://127.0.0.1:40879/orders/5bb658cc-bc76-8445-938f-0a58c15a95e4','5bb658cc-bc76-8445-938f-0a58c15a95e4','order.return_denied','2026-11-26T17:08:25.252Z');
INSERT INTO "inbox" VALUES(186,'32842f46-467e-86fe-8988-dcd501c3e9fd/2/email','email','ada@example.com','Your order 6WTM0-W7TFX-Z at Shop: please pay','Hello Ada Lovelace,

we have your order 6WTM0-W7TFX-Z and keep its items for you until 2026-11-26 17:38 UTC.

2 x Blue stoneware mug, 350 ml  39.80 EUR
1 x Earl Grey, loose, 100 g  8.90 EUR

Subtotal 48.70 EUR
Discount 0.00 EUR
Shipping 4.90 EUR
Tax 9.11 EUR
Total 62.71 EUR

Pay here: http://127.0.0.1:40879/orders/32842f46-467e-86fe-8988-dcd501c3e9fd
Without a payment by then the order is cancelled and costs you nothing.

Shop','32842f46-467e-86fe-8988-dcd501c3e9fd','order.submitted','2026-11-26T17:08:25.452Z');
INSERT INTO "inbox" VALUES(187,'32842f46-467e-86fe-8988-dcd501c3e9fd/2/sms','sms','+491701234567',NULL,'Shop: order 6WTM0-W7TFX-Z over 62.71 EUR waits for your payment until 2026-11-26 17:38 UTC. http://127.0.0.1:40879/orders/32842f46-467e-86fe-8988-dcd501c3e9fd','32842f46-467e-86fe-8988-dcd501c3e9fd','order.submitted','2026-11-26T17:08:25.564Z');
INSERT INTO "inbox" VALUES(188,'32842f46-467e-86fe-8988-dcd501c3e9fd/4/email','email','ada@example.com','Your order 6WTM0-W7TFX-Z at Shop is confirmed','Hello Ada Lovelace,

thank you, we have received your payment of 62.71 EUR. Your order 6WTM0-W7TFX-Z is confirmed:

2 x Blue stoneware mug, 350 ml  39.80 EUR
1 x Earl Grey, loose, 100 g  8.90 EUR

We tell you when it is on its way. Follow it here: http://127.0.0.1:40879/orders/32842f46-467e-86fe-8988-dcd501c3e9fd

Shop','32842f46-467e-86fe-8988-dcd501c3e9fd','order.payment_confirmed','2026-11-26T17:08:25.647Z');
INSERT INTO "inbox" VALUES(189,'32842f46-467e-86fe-8988-dcd501c3e9fd/4/sms','sms','+491701234567',NULL,'Shop: thank you! Order 6WTM0-W7TFX-Z over 62.71 EUR is paid and confirmed. http://127.0.0.1:40879/orders/32842f46-467e-86fe-8988-dcd501c3e9fd','32842f46-467e-86fe-8988-dcd501c3e9fd','order.payment_confirmed','2026-11-26T17:08:25.667Z');
INSERT INTO "inbox" VALUES(190,'32842f46-467e-86fe-8988-dcd501c3e9fd/5/email','email','ada@example.com','We are preparing your order 6WTM0-W7TFX-Z','Hello Ada Lovelace,

your order 6WTM0-W7TFX-Z is being prepared. Follow it here: http://127.0.0.1:40879/orders/32842f46-467e-86fe-8988-dcd501c3e9fd

Shop','32842f46-467e-86fe-8988-dcd501c3e9fd','order.processing_started','2026-11-26T17:08:25.758Z');
INSERT INTO "inbox" VALUES(191,'32842f46-467e-86fe-8988-dcd501c3e9fd/5/sms','sms','+491701234567',NULL,'Shop: order 6WTM0-W7TFX-Z is being prepared. http://127.0.0.1:40879/orders/32842f46-467e-86fe-8988-dcd501c3e9fd','32842f46-467e-86fe-8988-dcd501c3e9fd','order.processing_started','2026-11-26T17:08:25.785Z');
INSERT INTO "inbox" VALUES(192,'32842f46-467e-86fe-8988-dcd501c3e9fd/6/email','email','ada@example.com','Your order 6WTM0-W7TFX-Z is on its way','Hello Ada Lovelace,

your order 6WTM0-W7TFX-Z has been handed to DHL. Tracking number: 00340434161094042557
Follow the parcel: https://www.dhl.com/global-en/home/tracking.html?tracking-id=00340434161094042557
Your order: http://127.0.0.1:40879/orders/32842f46-467e-86fe-8988-dcd501c3e9fd

Shop','32842f46-467e-86fe-8988-dcd501c3e9fd','order.shipped','2026-11-26T17:08:25.984Z');
INSERT INTO "inbox" VALUES(193,'32842f46-467e-86fe-8988-dcd501c3e9fd/6/sms','sms','+491701234567',NULL,'Shop: order 6WTM0-W7TFX-Z is on its way with DHL, tracking number 00340434161094042557. https://www.dhl.com/global-en/home/tracking.html?tracking-id=00340434161094042557','32842f46-467e-86fe-8988-dcd501c3e9fd','order.shipped','2026-11-26T17:08:26.025Z');
INSERT INTO "inbox" VALUES(194,'32842f46-467e-86fe-8988-dcd501c3e9fd/7/email','email','ada@example.com','Your order 6WTM0-W7TFX-Z has arrived','Hello Ada Lovelace,

your order 6WTM0-W7TFX-Z has been delivered. We hope you like it. Your order: http://127.0.0.1:40879/orders/32842f46-467e-86fe-8988-dcd501c3e9fd

Shop','32842f46-467e-86fe-8988-dcd501c3e9fd','order.delivered','2026-11-26T17:08:26.083Z');
INSERT INTO "inbox" VALUES(195,'32842f46-467e-86fe-8988-dcd501c3e9fd/7/sms','sms','+491701234567',NULL,'Shop: order 6WTM0-W7TFX-Z has been delivered. http://127.0.0.1:40879/orders/32842f46-467e-86fe-8988-dcd501c3e9fd','32842f46-467e-86fe-8988-dcd501c3e9fd','order.delivered','2026-11-26T17:08:26.11Z');
INSERT INTO "inbox" VALUES(196,'32842f46-467e-86fe-8988-dcd501c3e9fd/8/email','email','ada@example.com','We have your return request for order 6WTM0-W7TFX-Z','Hello Ada Lovelace,

we have your request to return items of order 6WTM0-W7TFX-Z and will come back to you. Your order: http://127.0.0.1:40879/orders/32842f46-467e-86fe-8988-dcd501c3e9fd

Shop','32842f46-467e-86fe-8988-dcd501c3e9fd','order.return_requested','2026-11-26T17:08:26.121Z');
INSERT INTO "inbox" VALUES(197,'32842f46-467e-86fe-8988-dcd501c3e9fd/8/sms','sms','+491701234567',NULL,'Shop: we have your return request for order 6WTM0-W7TFX-Z. http://127.0.0.1:40879/orders/32842f46-467e-86fe-8988-dcd501c3e9fd','32842f46-467e-86fe-8988-dcd501c3e9fd','order.return_requested','2026-11-26T17:08:26.125Z');
INSERT INTO "inbox" VALUES(198,'32842f46-467e-86fe-8988-dcd501c3e9fd/9/email','email','ada@example.com','Your return for order 6WTM0-W7TFX-Z has arrived','Hello Ada Lovelace,

what you sent back of order 6WTM0-W7TFX-Z has arrived, and we have looked at it. Your order: http://127.0.0.1:40879/orders/32842f46-467e-86fe-8988-dcd501c3e9fd

Shop','32842f46-467e-86fe-8988-dcd501c3e9fd','order.returned','2026-11-26T17:08:26.2Z');
INSERT INTO "inbox" VALUES(199,'32842f46-467e-86fe-8988-dcd501c3e9fd/9/sms','sms','+491701234567',NULL,'Shop: your return for order 6WTM0-W7TFX-Z has arrived. http://127.0.0.1:40879/orders/32842f46-467e-86fe-8988-dcd501c3e9fd','32842f46-467e-86fe-8988-dcd501c3e9fd','order.returned','2026-11-26T17:08:26.279Z');
INSERT INTO "inbox" VALUES(200,'71eb57b0-5657-804c-912e-72def55de610/2/email','email','ada@example.com','Your order KJVVT-NVSGG-J at Shop: please pay','Hello Ada Lovelace,

we have your order KJVVT-NVSGG-J and keep its items for you until 2026-11-26 17:38 UTC.

2 x Blue stoneware mug, 350 ml  39.80 EUR
1 x Earl Grey, loose, 100 g  8.90 EUR

Subtotal 48.70 EUR
Discount 0.00 EUR
Shipping 4.90 EUR
Tax 9.11 EUR
Total 62.71 EUR

Pay here: http://127.0.0.1:40879/orders/71eb57b0-5657-804c-912e-72def55de610
Without a payment by then the order is cancelled and costs you nothing.

Shop','71eb57b0-5657-804c-912e-72def55de610','order.submitted','2026-11-26T17:08:26.477Z');
INSERT INTO "inbox" VALUES(201,'71eb57b0-5657-804c-912e-72def55de610/2/sms','sms','+491701234567',NULL,'Shop: order KJVVT-NVSGG-J over 62.71 EUR waits for your payment until 2026-11-26 17:38 UTC. http://127.0.0.1:40879/orders/71eb57b0-5657-804c-912e-72def55de610','71eb57b0-5657-804c-912e-72def55de610','order.submitted','2026-11-26T17:08:26.622Z');
INSERT INTO "inbox" VALUES(202,'71eb57b0-5657-804c-912e-72def55de610/4/email','email','ada@example.com','Your order KJVVT-NVSGG-J at Shop is confirmed','Hello Ada Lovelace,

thank you, we have received your payment of 62.71 EUR. Your order KJVVT-NVSGG-J is confirmed:

2 x Blue stoneware mug, 350 ml  39.80 EUR
1 x Earl Grey, loose, 100 g  8.90 EUR

We tell you when it is on its way. Follow it here: http://127.0.0.1:40879/orders/71eb57b0-5657-804c-912e-72def55de610

Shop','71eb57b0-5657-804c-912e-72def55de610','order.payment_confirmed','2026-11-26T17:08:26.778Z');
INSERT INTO "inbox" VALUES(203,'71eb57b0-5657-804c-912e-72def55de610/4/sms','sms','+491701234567',NULL,'Shop: thank you! Order KJVVT-NVSGG-J over 62.71 EUR is paid and confirmed. http://127.0.0.1:40879/orders/71eb57b0-5657-804c-912e-72def55de610','71eb57b0-5657-804c-912e-72def55de610','order.payment_confirmed','2026-11-26T17:08:26.827Z');
INSERT INTO "inbox" VALUES(204,'71eb57b0-5657-804c-912e-72def55de610/5/email','email','ada@example.com','We are preparing your order KJVVT-NVSGG-J','Hello Ada Lovelace,

your order KJVVT-NVSGG-J is being prepared. Follow it here: http://127.0.0.1:40879/orders/71eb57b0-5657-804c-912e-72def55de610

Shop','71eb57b0-5657-804c-912e-72def55de610','order.processing_started','2026-11-26T17:08:26.909Z');
INSERT INTO "inbox" VALUES(205,'71eb57b0-5657-804c-912e-72def55de610/5/sms','sms','+491701234567',NULL,'Shop: order KJVVT-NVSGG-J is being prepared. http://127.0.0.1:40879/orders/71eb57b0-5657-804c-912e-72def55de610','71eb57b0-5657-804c-912e-72def55de610','order.processing_started','2026-11-26T17:08:26.956Z');
INSERT INTO "inbox" VALUES(206,'71eb57b0-5657-804c-912e-72def55de610/6/email','email','ada@example.com','Your order KJVVT-NVSGG-J is on its way','Hello Ada Lovelace,

your order KJVVT-NVSGG-J has been handed to DHL. Tracking number: 00340434161094042557
Follow the parcel: https://www.dhl.com/global-en/home/tracking.html?tracking-id=00340434161094042557
Your order: http://127.0.0.1:40879/orders/71eb57b0-5657-804c-912e-72def55de610

Shop','71eb57b0-5657-804c-912e-72def55de610','order.shipped','2026-11-26T17:08:27.068Z');
INSERT INTO "inbox" VALUES(207,'71eb57b0-5657-804c-912e-72def55de610/6/sms','sms','+491701234567',NULL,'Shop: order KJVVT-NVSGG-J is on its way with DHL, tracking number 00340434161094042557. https://www.dhl.com/global-en/home/tracking.html?tracking-id=00340434161094042557','71eb57b0-5657-804c-912e-72def55de610','order.shipped','2026-11-26T17:08:27.107Z');
INSERT INTO "inbox" VALUES(208,'71eb57b0-5657-804c-912e-72def55de610/7/email','email','ada@example.com','Your order KJVVT-NVSGG-J has arrived','Hello Ada Lovelace,

your order KJVVT-NVSGG-J has been delivered. We hope you like it. Your order: http://127.0.0.1:40879/orders/71eb57b0-5657-804c-912e-72def55de610

Shop','71eb57b0-5657-804c-912e-72def55de610','order.delivered','2026-11-26T17:08:27.171Z');
INSERT INTO "inbox" VALUES(209,'71eb57b0-5657-804c-912e-72def55de610/7/sms','sms','+491701234567',NULL,'Shop: order KJVVT-NVSGG-J has been delivered. http://127.0.0.1:40879/orders/71eb57b0-5657-804c-912e-72def55de610','71eb57b0-5657-804c-912e-72def55de610','order.delivered','2026-11-26T17:08:27.191Z');
INSERT INTO "inbox" VALUES(210,'71eb57b0-5657-804c-912e-72def55de610/8/email','email','ada@example.com','We have your return request for order KJVVT-NVSGG-J','Hello Ada Lovelace,

we have your request to return items of order KJVVT-NVSGG-J and will come back to you. Your order: http://127.0.0.1:40879/orders/71eb57b0-5657-804c-912e-72def55de610

Shop','71eb57b0-5657-804c-912e-72def55de610','order.return_requested','2026-11-26T17:08:27.239Z');
INSERT INTO "inbox" VALUES(211,'71eb57b0-5657-804c-912e-72def55de610/8/sms','sms','+491701234567',NULL,'Shop: we have your return request for order KJVVT-NVSGG-J. http://127.0.0.1:40879/orders/71eb57b0-5657-804c-912e-72def55de610','71eb57b0-5657-804c-912e-72def55de610','order.return_requested','2026-11-26T17:08:27.267Z');
INSERT INTO "inbox" VALUES(212,'71eb57b0-5657-804c-912e-72def55de610/9/email','email','ada@example.com','Your return for order KJVVT-NVSGG-J has arrived','Hello Ada Lovelace,

what you sent back of order KJVVT-NVSGG-J has arrived, and we have looked at it. Your order: http://127.0.0.1:40879/orders/71eb57b0-5657-804c-912e-72def55de610

Shop','71eb57b0-5657-804c-912e-72def55de610','order.returned','2026-11-26T17:08:27.368Z');
INSERT INTO "inbox" VALUES(213,'71eb57b0-5657-804c-912e-72def55de610/9/sms','sms','+491701234567',NULL,'Shop: your return for order KJVVT-NVSGG-J has arrived. http://127.0.0.1:40879/orders/71eb57b0-5657-804c-912e-72def55de610','71eb57b0-5657-804c-912e-72def55de610','order.returned','2026-11-26T17:08:27.386Z');
INSERT INTO "inbox" VALUES(214,'71eb57b0-5657-804c-912e-72def55de610/10/email','email','ada@example.com','Your refund for order KJVVT-NVSGG-J is on its way','Hello Ada Lovelace,

we send 62.71 EUR of order KJVVT-NVSGG-J back to you, by the way you paid. Your order: http://127.0.0.1:40879/orders/71eb57b0-5657-804c-912e-72def55de610

Shop','71eb57b0-5657-804c-912e-72def55de610','order.refund_initiated','2026-11-26T17:08:27.457Z');
INSERT INTO "inbox" VALUES(215,'71eb57b0-5657-804c-912e-72def55de610/10/sms','sms','+491701234567',NULL,'Shop: 62.71 EUR of order KJVVT-NVSGG-J is on its way back to you. http://127.0.0.1:40879/orders/71eb57b0-5657-804c-912e-72def55de610','71eb57b0-5657-804c-912e-72def55de610','order.refund_initiated','2026-11-26T17:08:27.487Z');
INSERT INTO "inbox" VALUES(216,'71eb57b0-5657-804c-912e-72def55de610/11/email','email','ada@example.com','Your refund for order KJVVT-NVSGG-J is done','Hello Ada Lovelace,

62.71 EUR of order KJVVT-NVSGG-J has been sent back to you. Depending on your bank it takes some days to show. Your order: http://127.0.0.1:40879/orders/71eb57b0-5657-804c-912e-72def55de610

Shop','71eb57b0-5657-804c-912e-72def55de610','order.refund_completed','2026-11-26T17:08:27.518Z');
INSERT INTO "inbox" VALUES(217,'71eb57b0-5657-804c-912e-72def55de610/11/sms','sms','+491701234567',NULL,'Shop: 62.71 EUR of order KJVVT-NVSGG-J has been refunded. http://127.0.0.1:40879/orders/71eb57b0-5657-804c-912e-72def55de610','71eb57b0-5657-804c-912e-72def55de610','order.refund_completed','2026-11-26T17:08:27.559Z');
INSERT INTO "inbox" VALUES(218,'4e6e902a-b7ea-8080-a5e7-cf2f05a43ffe/2/email','email','ada@example.com','Your order YF5W2-T8FZY-D at Shop: please pay','Hello Ada Lovelace,

we have your order YF5W2-T8FZY-D and keep its items for you until 2026-11-26 17:38 UTC.

1 x Blue stoneware mug, 350 ml  19.90 EUR

Subtotal 19.90 EUR
Discount 0.00 EUR
Shipping 4.90 EUR
Tax 4.71 EUR
Total 29.51 EUR

Pay here: http://127.0.0.1:40879/orders/4e6e902a-b7ea-8080-a5e7-cf2f05a43ffe
Without a payment by then the order is cancelled and costs you nothing.

Shop','4e6e902a-b7ea-8080-a5e7-cf2f05a43ffe','order.submitted','2026-11-26T17:08:27.652Z');
INSERT INTO "inbox" VALUES(219,'4e6e902a-b7ea-8080-a5e7-cf2f05a43ffe/2/sms','sms','+491701234567',NULL,'Shop: order YF5W2-T8FZY-D over 29.51 EUR waits for your payment until 2026-11-26 17:38 UTC. http://127.0.0.1:40879/orders/4e6e902a-b7ea-8080-a5e7-cf2f05a43ffe','4e6e902a-b7ea-8080-a5e7-cf2f05a43ffe','order.submitted','2026-11-26T17:08:27.701Z');
INSERT INTO "inbox" VALUES(220,'4e6e902a-b7ea-8080-a5e7-cf2f05a43ffe/4/email','email','ada@example.com','Your order YF5W2-T8FZY-D at Shop is confirmed','Hello Ada Lovelace,

thank you, we have received your payment of 29.51 EUR. Your order YF5W2-T8FZY-D is confirmed:

1 x Blue stoneware mug, 350 ml  19.90 EUR

We tell you when it is on its way. Follow it here: http://127.0.0.1:40879/orders/4e6e902a-b7ea-8080-a5e7-cf2f05a43ffe

Shop','4e6e902a-b7ea-8080-a5e7-cf2f05a43ffe','order.payment_confirmed','2026-11-26T17:08:27.8Z');
INSERT INTO "inbox" VALUES(221,'4e6e902a-b7ea-8080-a5e7-cf2f05a43ffe/4/sms','sms','+491701234567',NULL,'Shop: thank you! Order YF5W2-T8FZY-D over 29.51 EUR is paid and confirmed. http://127.0.0.1:40879/orders/4e6e902a-b7ea-8080-a5e7-cf2f05a43ffe','4e6e902a-b7ea-8080-a5e7-cf2f05a43ffe','order.payment_confirmed','2026-11-26T17:08:27.873Z');
INSERT INTO "inbox" VALUES(222,'4e6e902a-b7ea-8080-a5e7-cf2f05a43ffe/5/email','email','ada@example.com','We are preparing your order YF5W2-T8FZY-D','Hello Ada Lovelace,

your order YF5W2-T8FZY-D is being prepared. Follow it here: http://127.0.0.1:40879/orders/4e6e902a-b7ea-8080-a5e7-cf2f05a43ffe

Shop','4e6e902a-b7ea-8080-a5e7-cf2f05a43ffe','order.processing_started','2026-11-26T17:08:27.951Z');
INSERT INTO "inbox" VALUES(223,'4e6e902a-b7ea-8080-a5e7-cf2f05a43ffe/5/sms','sms','+491701234567',NULL,'Shop: order YF5W2-T8FZY-D is being prepared. http://127.0.0.1:40879/orders/4e6e902a-b7ea-8080-a5e7-cf2f05a43ffe','4e6e902a-b7ea-8080-a5e7-cf2f05a43ffe','order.processing_started','2026-11-26T17:08:27.999Z');
INSERT INTO "inbox" VALUES(224,'4e6e902a-b7ea-8080-a5e7-cf2f05a43ffe/6/email','email','ada@example.com','Your order YF5W2-T8FZY-D is on its way','Hello Ada Lovelace,

your order YF5W2-T8FZY-D has been handed to DHL. Tracking number: 00340434161094042557
Follow the parcel: https://www.dhl.com/global-en/home/tracking.html?tracking-id=00340434161094042557
Your order: http://127.0.0.1:40879/orders/4e6e902a-b7ea-8080-a5e7-cf2f05a43ffe

Shop','4e6e902a-b7ea-8080-a5e7-cf2f05a43ffe','order.shipped','2026-11-26T17:08:28.082Z');
INSERT INTO "inbox" VALUES(225,'4e6e902a-b7ea-8080-a5e7-cf2f05a43ffe/6/sms','sms','+491701234567',NULL,'Shop: order YF5W2-T8FZY-D is on its way with DHL, tracking number 00340434161094042557. https://www.dhl.com/global-en/home/tracking.html?tracking-id=00340434161094042557','4e6e902a-b7ea-8080-a5e7-cf2f05a43ffe','order.shipped','2026-11-26T17:08:28.162Z');
INSERT INTO "inbox" VALUES(226,'4e6e902a-b7ea-8080-a5e7-cf2f05a43ffe/7/email','email','ada@example.com','Your order YF5W2-T8FZY-D has arrived','Hello Ada Lovelace,

your order YF5W2-T8FZY-D has been delivered. We hope you like it. Your order: http://127.0.0.1:40879/orders/4e6e902a-b7ea-8080-a5e7-cf2f05a43ffe

Shop','4e6e902a-b7ea-8080-a5e7-cf2f05a43ffe','order.delivered','2026-11-26T17:08:28.254Z');
INSERT INTO "inbox" VALUES(227,'4e6e902a-b7ea-8080-a5e7-cf2f05a43ffe/7/sms','sms','+491701234567',NULL,'Shop: order YF5W2-T8FZY-D has been delivered. http://127.0.0.1:40879/orders/4e6e902a-b7ea-8080-a5e7-cf2f05a43ffe','4e6e902a-b7ea-8080-a5e7-cf2f05a43ffe','order.delivered','2026-11-26T17:08:28.279Z');
INSERT INTO "inbox" VALUES(228,'4e6e902a-b7ea-8080-a5e7-cf2f05a43ffe/8/email','email','ada@example.com','Your refund for order YF5W2-T8FZY-D is on its way','Hello Ada Lovelace,

we send 29.51 EUR of order YF5W2-T8FZY-D back to you, by the way you paid. Your order: http://127.0.0.1:40879/orders/4e6e902a-b7ea-8080-a5e7-cf2f05a43ffe

Shop','4e6e902a-b7ea-8080-a5e7-cf2f05a43ffe','order.refund_initiated','2026-11-26T17:08:28.318Z');
INSERT INTO "inbox" VALUES(229,'4e6e902a-b7ea-8080-a5e7-cf2f05a43ffe/8/sms','sms','+491701234567',NULL,'Shop: 29.51 EUR of order YF5W2-T8FZY-D is on its way back to you. http://127.0.0.1:40879/orders/4e6e902a-b7ea-8080-a5e7-cf2f05a43ffe','4e6e902a-b7ea-8080-a5e7-cf2f05a43ffe','order.refund_initiated','2026-11-26T17:08:28.351Z');
INSERT INTO "inbox" VALUES(230,'4e6e902a-b7ea-8080-a5e7-cf2f05a43ffe/9/email','email','ada@example.com','Your refund for order YF5W2-T8FZY-D is done','Hello Ada Lovelace,

29.51 EUR of order YF5W2-T8FZY-D has been sent back to you. Depending on your bank it takes some days to show. Your order: http://127.0.0.1:40879/orders/4e6e902a-b7ea-8080-a5e7-cf2f05a43ffe

Shop','4e6e902a-b7ea-8080-a5e7-cf2f05a43ffe','order.refund_completed','2026-11-26T17:08:28.412Z');
INSERT INTO "inbox" VALUES(231,'4e6e902a-b7ea-8080-a5e7-cf2f05a43ffe/9/sms','sms','+491701234567',NULL,'Shop: 29.51 EUR of order YF5W2-T8FZY-D has been refunded. http://127.0.0.1:40879/orders/4e6e902a-b7ea-8080-a5e7-cf2f05a43ffe','4e6e902a-b7ea-8080-a5e7-cf2f05a43ffe','order.refund_completed','2026-11-26T17:08:28.454Z');
INSERT INTO "inbox" VALUES(232,'4e6e902a-b7ea-8080-a5e7-cf2f05a43ffe/10/email','email','ada@example.com','We have your return request for order YF5W2-T8FZY-D','Hello Ada Lovelace,

we have your request to return items of order YF5W2-T8FZY-D and will come back to you. Your order: http://127.0.0.1:40879/orders/4e6e902a-b7ea-8080-a5e7-cf2f05a43ffe

Shop','4e6e902a-b7ea-8080-a5e7-cf2f05a43ffe','order.return_requested','2026-11-26T17:08:28.566Z');
INSERT INTO "inbox" VALUES(233,'4e6e902a-b7ea-8080-a5e7-cf2f05a43ffe/10/sms','sms','+491701234567',NULL,'Shop: we have your return request for order YF5W2-T8FZY-D. http://127.0.0.1:40879/orders/4e6e902a-b7ea-8080-a5e7-cf2f05a43ffe','4e6e902a-b7ea-8080-a5e7-cf2f05a43ffe','order.return_requested','2026-11-26T17:08:28.603Z');
INSERT INTO "inbox" VALUES(234,'4e6e902a-b7ea-8080-a5e7-cf2f05a43ffe/11/email','email','ada@example.com','Your return for order YF5W2-T8FZY-D has arrived','Hello Ada Lovelace,

what you sent back of order YF5W2-T8FZY-D has arrived, and we have looked at it. Your order: http://127.0.0.1:40879/orders/4e6e902a-b7ea-8080-a5e7-cf2f05a43ffe

Shop','4e6e902a-b7ea-8080-a5e7-cf2f05a43ffe','order.returned','2026-11-26T17:08:28.746Z');
INSERT INTO "inbox" VALUES(235,'4e6e902a-b7ea-8080-a5e7-cf2f05a43ffe/11/sms','sms','+491701234567',NULL,'Shop: your return for order YF5W2-T8FZY-D has arrived. http://127.0.0.1:40879/orders/4e6e902a-b7ea-8080-a5e7-cf2f05a43ffe','4e6e902a-b7ea-8080-a5e7-cf2f05a43ffe','order.returned','2026-11-26T17:08:28.782Z');
INSERT INTO "inbox" VALUES(236,'01866f9b-bfab-8bb9-bd54-301f13fc87b4/2/email','email','ada@example.com','Your order 1G3W9-ZS1XM-S at Shop: please pay','Hello Ada Lovelace,

we have your order 1G3W9-ZS1XM-S and keep its items for you until 2026-11-26 17:38 UTC.

1 x Blue stoneware mug, 350 ml  19.90 EUR

Subtotal 19.90 EUR
Discount 0.00 EUR
Shipping 4.90 EUR
Tax 4.71 EUR
Total 29.51 EUR

Pay here: http://127.0.0.1:40879/orders/01866f9b-bfab-8bb9-bd54-301f13fc87b4
Without a payment by then the order is cancelled and costs you nothing.

Shop','01866f9b-bfab-8bb9-bd54-301f13fc87b4','order.submitted','2026-11-26T17:08:28.905Z');
INSERT INTO "inbox" VALUES(237,'01866f9b-bfab-8bb9-bd54-301f13fc87b4/2/sms','sms','+491701234567',NULL,'Shop: order 1G3W9-ZS1XM-S over 29.51 EUR waits for your payment until 2026-11-26 17:38 UTC. http://127.0.0.1:40879/orders/01866f9b-bfab-8bb9-bd54-301f13fc87b4','01866f9b-bfab-8bb9-bd54-301f13fc87b4','order.submitted','2026-11-26T17:08:28.924Z');
INSERT INTO "inbox" VALUES(238,'01866f9b-bfab-8bb9-bd54-301f13fc87b4/4/email','email','ada@example.com','Your order 1G3W9-ZS1XM-S at Shop is confirmed','Hello Ada Lovelace,

thank you, we have received your payment of 29.51 EUR. Your order 1G3W9-ZS1XM-S is confirmed:

1 x Blue stoneware mug, 350 ml  19.90 EUR

We tell you when it is on its way. Follow it here: http://127.0.0.1:40879/orders/01866f9b-bfab-8bb9-bd54-301f13fc87b4

Shop','01866f9b-bfab-8bb9-bd54-301f13fc87b4','order.payment_confirmed','2026-11-26T17:08:28.978Z');
INSERT INTO "inbox" VALUES(239,'01866f9b-bfab-8bb9-bd54-301f13fc87b4/4/sms','sms','+491701234567',NULL,'Shop: thank you! Order 1G3W9-ZS1XM-S over 29.51 EUR is paid and confirmed. http://127.0.0.1:40879/orders/01866f9b-bfab-8bb9-bd54-301f13fc87b4','01866f9b-bfab-8bb9-bd54-301f13fc87b4','order.payment_confirmed','2026-11-26T17:08:28.998Z');
INSERT INTO "inbox" VALUES(240,'20899c0b-7495-8e1e-a51c-00a947f36f06/3/email','email','ada@example.com','Your order 00N53-Z6VR6-Y at Shop is confirmed','Hello Ada Lovelace,

your order 00N53-Z6VR6-Y is confirmed, and there is nothing to pay:

1 x Glaze sample  0.00 EUR

We tell you when it is on its way. Follow it here: http://127.0.0.1:40879/orders/20899c0b-7495-8e1e-a51c-00a947f36f06

Shop','20899c0b-7495-8e1e-a51c-00a947f36f06','order.confirmed','2026-11-26T17:09:30.419Z');
INSERT INTO "inbox" VALUES(241,'20899c0b-7495-8e1e-a51c-00a947f36f06/3/sms','sms','+491701234567',NULL,'Shop: order 00N53-Z6VR6-Y is confirmed, and there is nothing to pay. http://127.0.0.1:40879/orders/20899c0b-7495-8e1e-a51c-00a947f36f06','20899c0b-7495-8e1e-a51c-00a947f36f06','order.confirmed','2026-11-26T17:09:30.438Z');
INSERT INTO "inbox" VALUES(242,'aca448c6-1ba9-8ab6-a233-cb9d9479085b/2/email','email','ada@example.com','Your order YBKPA-7J22V-5 at Shop: please pay','Hello Ada Lovelace,

we have your order YBKPA-7J22V-5 and keep its items for you until 2026-11-26 17:40 UTC.

1 x Blue stoneware mug, 350 ml  19.90 EUR

Subtotal 19.90 EUR
Discount 0.00 EUR
Shipping 4.90 EUR
Tax 4.71 EUR
Total 29.51 EUR

Pay here: http://127.0.0.1:40879/orders/aca448c6-1ba9-8ab6-a233-cb9d9479085b
Without a payment by then the order is cancelled and costs you nothing.

Shop','aca448c6-1ba9-8ab6-a233-cb9d9479085b','order.submitted','2026-11-26T17:10:31.681Z');
INSERT INTO "inbox" VALUES(243,'aca448c6-1ba9-8ab6-a233-cb9d9479085b/2/sms','sms','+491701234567',NULL,'Shop: order YBKPA-7J22V-5 over 29.51 EUR waits for your payment until 2026-11-26 17:40 UTC. http://127.0.0.1:40879/orders/aca448c6-1ba9-8ab6-a233-cb9d9479085b','aca448c6-1ba9-8ab6-a233-cb9d9479085b','order.submitted','2026-11-26T17:10:31.773Z');
INSERT INTO "inbox" VALUES(244,'aca448c6-1ba9-8ab6-a233-cb9d9479085b/4/email','email','ada@example.com','Your order YBKPA-7J22V-5 at Shop is confirmed','Hello Ada Lovelace,

thank you, we have received your payment of 29.51 EUR. Your order YBKPA-7J22V-5 is confirmed:

1 x Blue stoneware mug, 350 ml  19.90 EUR

We tell you when it is on its way. Follow it here: http://127.0.0.1:40879/orders/aca448c6-1ba9-8ab6-a233-cb9d9479085b

Shop','aca448c6-1ba9-8ab6-a233-cb9d9479085b','order.payment_confirmed','2026-11-26T17:10:31.918Z');
INSERT INTO "inbox" VALUES(245,'aca448c6-1ba9-8ab6-a233-cb9d9479085b/4/sms','sms','+491701234567',NULL,'Shop: thank you! Order YBKPA-7J22V-5 over 29.51 EUR is paid and confirmed. http://127.0.0.1:40879/orders/aca448c6-1ba9-8ab6-a233-cb9d9479085b','aca448c6-1ba9-8ab6-a233-cb9d9479085b','order.payment_confirmed','2026-11-26T17:10:31.967Z');
INSERT INTO "inbox" VALUES(246,'aca448c6-1ba9-8ab6-a233-cb9d9479085b/5/email','email','ada@example.com','Your refund for order YBKPA-7J22V-5 is on its way','Hello Ada Lovelace,

we send 1.00 EUR of order YBKPA-7J22V-5 back to you, by the way you paid. Your order: http://127.0.0.1:40879/orders/aca448c6-1ba9-8ab6-a233-cb9d9479085b

Shop','aca448c6-1ba9-8ab6-a233-cb9d9479085b','order.refund_initiated','2026-11-26T17:10:32.079Z');
INSERT INTO "inbox" VALUES(247,'aca448c6-1ba9-8ab6-a233-cb9d9479085b/5/sms','sms','+491701234567',NULL,'Shop: 1.00 EUR of order YBKPA-7J22V-5 is on its way back to you. http://127.0.0.1:40879/orders/aca448c6-1ba9-8ab6-a233-cb9d9479085b','aca448c6-1ba9-8ab6-a233-cb9d9479085b','order.refund_initiated','2026-11-26T17:10:32.109Z');
INSERT INTO "inbox" VALUES(248,'aca448c6-1ba9-8ab6-a233-cb9d9479085b/6/email','email','ada@example.com','Your refund for order YBKPA-7J22V-5 is done','Hello Ada Lovelace,

1.00 EUR of order YBKPA-7J22V-5 has been sent back to you. Depending on your bank it takes some days to show. Your order: http://127.0.0.1:40879/orders/aca448c6-1ba9-8ab6-a233-cb9d9479085b

Shop','aca448c6-1ba9-8ab6-a233-cb9d9479085b','order.refund_completed','2026-11-26T17:10:32.166Z');
INSERT INTO "inbox" VALUES(249,'aca448c6-1ba9-8ab6-a233-cb9d9479085b/6/sms','sms','+491701234567',NULL,'Shop: 1.00 EUR of order YBKPA-7J22V-5 has been refunded. http://127.0.0.1:40879/orders/aca448c6-1ba9-8ab6-a233-cb9d9479085b','aca448c6-1ba9-8ab6-a233-cb9d9479085b','order.refund_completed','2026-11-26T17:10:32.214Z');
INSERT INTO "inbox" VALUES(250,'40d94b4b-3d89-8814-b6cc-7e1a123d31d5/2/email','email','ada@example.com','Your order 3Y389-3TCEN-K at Shop: please pay','Hello Ada Lovelace,

we have your order 3Y389-3TCEN-K and keep its items for you until 2026-11-26 17:40 UTC.

1 x Blue stoneware mug, 350 ml  19.90 EUR

Subtotal 19.90 EUR
Discount 0.00 EUR
Shipping 4.90 EUR
Tax 4.71 EUR
Total 29.51 EUR

Pay here: http://127.0.0.1:40879/orders/40d94b4b-3d89-8814-b6cc-7e1a123d31d5
Without a payment by then the order is cancelled and costs you nothing.

Shop','40d94b4b-3d89-8814-b6cc-7e1a123d31d5','order.submitted','2026-11-26T17:10:32.381Z');
INSERT INTO "inbox" VALUES(251,'40d94b4b-3d89-8814-b6cc-7e1a123d31d5/2/sms','sms','+491701234567',NULL,'Shop: order 3Y389-3TCEN-K over 29.51 EUR waits for your payment until 2026-11-26 17:40 UTC. http://127.0.0.1:40879/orders/40d94b4b-3d89-8814-b6cc-7e1a123d31d5','40d94b4b-3d89-8814-b6cc-7e1a123d31d5','order.submitted','2026-11-26T17:10:32.462Z');
INSERT INTO "inbox" VALUES(252,'40d94b4b-3d89-8814-b6cc-7e1a123d31d5/4/email','email','ada@example.com','You can pay your order 3Y389-3TCEN-K now','Hello Ada Lovelace,

when you wanted to pay 29.51 EUR for your order 3Y389-3TCEN-K, the payment provider could not be reached. It is back, and your items are still kept for you. Pay here: http://127.0.0.1:40879/orders/40d94b4b-3d89-8814-b6cc-7e1a123d31d5

Shop','40d94b4b-3d89-8814-b6cc-7e1a123d31d5','order.payment_page_opened','2026-11-26T17:16:08.93Z');
INSERT INTO "inbox" VALUES(253,'40d94b4b-3d89-8814-b6cc-7e1a123d31d5/4/sms','sms','+491701234567',NULL,'Shop: you can pay order 3Y389-3TCEN-K now: http://127.0.0.1:40879/orders/40d94b4b-3d89-8814-b6cc-7e1a123d31d5','40d94b4b-3d89-8814-b6cc-7e1a123d31d5','order.payment_page_opened','2026-11-26T17:16:09.059Z');
INSERT INTO "inbox" VALUES(254,'40d94b4b-3d89-8814-b6cc-7e1a123d31d5/6/email','email','ada@example.com','Your order 3Y389-3TCEN-K at Shop is confirmed','Hello Ada Lovelace,

thank you, we have received your payment of 29.51 EUR. Your order 3Y389-3TCEN-K is confirmed:

1 x Blue stoneware mug, 350 ml  19.90 EUR

We tell you when it is on its way. Follow it here: http://127.0.0.1:40879/orders/40d94b4b-3d89-8814-b6cc-7e1a123d31d5

Shop','40d94b4b-3d89-8814-b6cc-7e1a123d31d5','order.payment_confirmed','2026-11-26T17:16:09.383Z');
INSERT INTO "inbox" VALUES(255,'40d94b4b-3d89-8814-b6cc-7e1a123d31d5/6/sms','sms','+491701234567',NULL,'Shop: thank you! Order 3Y389-3TCEN-K over 29.51 EUR is paid and confirmed. http://127.0.0.1:40879/orders/40d94b4b-3d89-8814-b6cc-7e1a123d31d5','40d94b4b-3d89-8814-b6cc-7e1a123d31d5','order.payment_confirmed','2026-11-26T17:16:09.418Z');
INSERT INTO "inbox" VALUES(256,'9def8fa1-0244-83b2-befb-bdd93360cab0/2/email','email','ada@example.com','Your order XXV4S-P1JNG-3 at Shop: please pay','Hello Ada Lovelace,

we have your order XXV4S-P1JNG-3 and keep its items for you until 2026-11-26 17:46 UTC.

1 x Blue stoneware mug, 350 ml  19.90 EUR

Subtotal 19.90 EUR
Discount 0.00 EUR
Shipping 4.90 EUR
Tax 4.71 EUR
Total 29.51 EUR

Pay here: http://127.0.0.1:40879/orders/9def8fa1-0244-83b2-befb-bdd93360cab0
Without a payment by then the order is cancelled and costs you nothing.

Shop','9def8fa1-0244-83b2-befb-bdd93360cab0','order.submitted','2026-11-26T17:16:09.564Z');
INSERT INTO "inbox" VALUES(257,'9def8fa1-0244-83b2-befb-bdd93360cab0/2/sms','sms','+491701234567',NULL,'Shop: order XXV4S-P1JNG-3 over 29.51 EUR waits for your payment until 2026-11-26 17:46 UTC. http://127.0.0.1:40879/orders/9def8fa1-0244-83b2-befb-bdd93360cab0','9def8fa1-0244-83b2-befb-bdd93360cab0','order.submitted','2026-11-26T17:16:09.581Z');
INSERT INTO "inbox" VALUES(258,'9def8fa1-0244-83b2-befb-bdd93360cab0/4/email','email','ada@example.com','Your order XXV4S-P1JNG-3 at Shop is confirmed','Hello Ada Lovelace,

thank you, we have received your payment of 29.51 EUR. Your order XXV4S-P1JNG-3 is confirmed:

1 x Blue stoneware mug, 350 ml  19.90 EUR

We tell you when it is on its way. Follow it here: http://127.0.0.1:40879/orders/9def8fa1-0244-83b2-befb-bdd93360cab0

Shop','9def8fa1-0244-83b2-befb-bdd93360cab0','order.payment_confirmed','2026-11-26T17:16:09.623Z');
INSERT INTO "inbox" VALUES(259,'9def8fa1-0244-83b2-befb-bdd93360cab0/4/sms','sms','+491701234567',NULL,'Shop: thank you! Order XXV4S-P1JNG-3 over 29.51 EUR is paid and confirmed. http://127.0.0.1:40879/orders/9def8fa1-0244-83b2-befb-bdd93360cab0','9def8fa1-0244-83b2-befb-bdd93360cab0','order.payment_confirmed','2026-11-26T17:16:09.671Z');
INSERT INTO "inbox" VALUES(260,'9def8fa1-0244-83b2-befb-bdd93360cab0/5/email','email','ada@example.com','Your order XXV4S-P1JNG-3 is cancelled','Hello Ada Lovelace,

as you asked, your order XXV4S-P1JNG-3 is cancelled.
What you paid goes back to you by the way you paid.
Your order: http://127.0.0.1:40879/orders/9def8fa1-0244-83b2-befb-bdd93360cab0

Shop','9def8fa1-0244-83b2-befb-bdd93360cab0','order.cancelled','2026-11-26T17:16:09.815Z');
INSERT INTO "inbox" VALUES(261,'9def8fa1-0244-83b2-befb-bdd93360cab0/5/sms','sms','+491701234567',NULL,'Shop: order XXV4S-P1JNG-3 is cancelled. Your money is on its way back. http://127.0.0.1:40879/orders/9def8fa1-0244-83b2-befb-bdd93360cab0','9def8fa1-0244-83b2-befb-bdd93360cab0','order.cancelled','2026-11-26T17:16:09.851Z');
INSERT INTO "inbox" VALUES(262,'9def8fa1-0244-83b2-befb-bdd93360cab0/6/email','email','ada@example.com','Your refund for order XXV4S-P1JNG-3 is on its way','Hello Ada Lovelace,

we send 29.51 EUR of order XXV4S-P1JNG-3 back to you, by the way you paid. Your order: http://127.0.0.1:40879/orders/9def8fa1-0244-83b2-befb-bdd93360cab0

Shop','9def8fa1-0244-83b2-befb-bdd93360cab0','order.refund_initiated','2026-11-26T17:16:09.882Z');
INSERT INTO "inbox" VALUES(263,'9def8fa1-0244-83b2-befb-bdd93360cab0/6/sms','sms','+491701234567',NULL,'Shop: 29.51 EUR of order XXV4S-P1JNG-3 is on its way back to you. http://127.0.0.1:40879/orders/9def8fa1-0244-83b2-befb-bdd93360cab0','9def8fa1-0244-83b2-befb-bdd93360cab0','order.refund_initiated','2026-11-26T17:16:09.925Z');
INSERT INTO "inbox" VALUES(264,'9def8fa1-0244-83b2-befb-bdd93360cab0/8/email','email','ada@example.com','Your refund for order XXV4S-P1JNG-3 is done','Hello Ada Lovelace,

29.51 EUR of order XXV4S-P1JNG-3 has been sent back to you. Depending on your bank it takes some days to show. Your order: http://127.0.0.1:40879/orders/9def8fa1-0244-83b2-befb-bdd93360cab0

Shop','9def8fa1-0244-83b2-befb-bdd93360cab0','order.refund_completed','2026-11-26T17:21:15.533Z');
INSERT INTO "inbox" VALUES(265,'9def8fa1-0244-83b2-befb-bdd93360cab0/8/sms','sms','+491701234567',NULL,'Shop: 29.51 EUR of order XXV4S-P1JNG-3 has been refunded. http://127.0.0.1:40879/orders/9def8fa1-0244-83b2-befb-bdd93360cab0','9def8fa1-0244-83b2-befb-bdd93360cab0','order.refund_completed','2026-11-26T17:21:15.575Z');
INSERT INTO "inbox" VALUES(266,'9ec84528-e148-8822-8299-2a21f7374268/2/email','email','ada@example.com','Your order 9A47V-KEGK8-X at Shop: please pay','Hello Ada Lovelace,

we have your order 9A47V-KEGK8-X and keep its items for you until 2026-11-26 17:51 UTC.

1 x Blue stoneware mug, 350 ml  19.90 EUR

Subtotal 19.90 EUR
Discount 0.00 EUR
Shipping 4.90 EUR
Tax 4.71 EUR
Total 29.51 EUR

Pay here: http://127.0.0.1:40879/orders/9ec84528-e148-8822-8299-2a21f7374268
Without a payment by then the order is cancelled and costs you nothing.

Shop','9ec84528-e148-8822-8299-2a21f7374268','order.submitted','2026-11-26T17:21:15.708Z');
INSERT INTO "inbox" VALUES(267,'9ec84528-e148-8822-8299-2a21f7374268/2/sms','sms','+491701234567',NULL,'Shop: order 9A47V-KEGK8-X over 29.51 EUR waits for your payment until 2026-11-26 17:51 UTC. http://127.0.0.1:40879/orders/9ec84528-e148-8822-8299-2a21f7374268','9ec84528-e148-8822-8299-2a21f7374268','order.submitted','2026-11-26T17:21:15.803Z');
INSERT INTO "inbox" VALUES(268,'9ec84528-e148-8822-8299-2a21f7374268/4/email','email','ada@example.com','Your order 9A47V-KEGK8-X is cancelled','Hello Ada Lovelace,

we have not received a payment for your order 9A47V-KEGK8-X in time, so it is cancelled. You are welcome to order again.
Nothing was charged.
Your order: http://127.0.0.1:40879/orders/9ec84528-e148-8822-8299-2a21f7374268

Shop','9ec84528-e148-8822-8299-2a21f7374268','order.cancelled','2026-11-26T17:52:16.319Z');
INSERT INTO "inbox" VALUES(269,'9ec84528-e148-8822-8299-2a21f7374268/4/sms','sms','+491701234567',NULL,'Shop: order 9A47V-KEGK8-X is cancelled. Nothing was charged. http://127.0.0.1:40879/orders/9ec84528-e148-8822-8299-2a21f7374268','9ec84528-e148-8822-8299-2a21f7374268','order.cancelled','2026-11-26T17:52:16.339Z');
INSERT INTO "inbox" VALUES(270,'c8825b43-77cc-8fda-9985-b20a106cfa23/2/email','email','ada@example.com','Your order DJ188-6SYH3-W at Shop: please pay','Hello Ada Lovelace,

we have your order DJ188-6SYH3-W and keep its items for you until 2026-11-26 18:57 UTC.

3 x Hot vase  147.00 EUR

Subtotal 147.00 EUR
Discount 0.00 EUR
Shipping 0.00 EUR
Tax 27.93 EUR
Total 174.93 EUR

Pay here: http://127.0.0.1:40879/orders/c8825b43-77cc-8fda-9985-b20a106cfa23
Without a payment by then the order is cancelled and costs you nothing.

Shop','c8825b43-77cc-8fda-9985-b20a106cfa23','order.submitted','2026-11-26T18:27:52.214Z');
INSERT INTO "inbox" VALUES(271,'c8825b43-77cc-8fda-9985-b20a106cfa23/2/sms','sms','+491701234567',NULL,'Shop: order DJ188-6SYH3-W over 174.93 EUR waits for your payment until 2026-11-26 18:57 UTC. http://127.0.0.1:40879/orders/c8825b43-77cc-8fda-9985-b20a106cfa23','c8825b43-77cc-8fda-9985-b20a106cfa23','order.submitted','2026-11-26T18:27:52.32Z');
INSERT INTO "inbox" VALUES(272,'c8825b43-77cc-8fda-9985-b20a106cfa23/4/email','email','ada@example.com','Your order DJ188-6SYH3-W at Shop is confirmed','Hello Ada Lovelace,

thank you, we have received your payment of 174.93 EUR. Your order DJ188-6SYH3-W is confirmed:

3 x Hot vase  147.00 EUR

We tell you when it is on its way. Follow it here: http://127.0.0.1:40879/orders/c8825b43-77cc-8fda-9985-b20a106cfa23

Shop','c8825b43-77cc-8fda-9985-b20a106cfa23','order.payment_confirmed','2026-11-26T18:27:52.498Z');
INSERT INTO "inbox" VALUES(273,'c8825b43-77cc-8fda-9985-b20a106cfa23/4/sms','sms','+491701234567',NULL,'Shop: thank you! Order DJ188-6SYH3-W over 174.93 EUR is paid and confirmed. http://127.0.0.1:40879/orders/c8825b43-77cc-8fda-9985-b20a106cfa23','c8825b43-77cc-8fda-9985-b20a106cfa23','order.payment_confirmed','2026-11-26T18:27:52.608Z');
INSERT INTO "inbox" VALUES(274,'5335ecd0-5468-8860-a72a-b0e29675004c/2/email','email','ada@example.com','Your order NGWAB-7A02C-X at Shop: please pay','Hello Ada Lovelace,

we have your order NGWAB-7A02C-X and keep its items for you until 2026-11-26 18:57 UTC.

3 x Hot vase  147.00 EUR

Subtotal 147.00 EUR
Discount 0.00 EUR
Shipping 0.00 EUR
Tax 27.93 EUR
Total 174.93 EUR

Pay here: http://127.0.0.1:40879/orders/5335ecd0-5468-8860-a72a-b0e29675004c
Without a payment by then the order is cancelled and costs you nothing.

Shop','5335ecd0-5468-8860-a72a-b0e29675004c','order.submitted','2026-11-26T18:27:52.612Z');
INSERT INTO "inbox" VALUES(275,'5335ecd0-5468-8860-a72a-b0e29675004c/2/sms','sms','+491701234567',NULL,'Shop: order NGWAB-7A02C-X over 174.93 EUR waits for your payment until 2026-11-26 18:57 UTC. http://127.0.0.1:40879/orders/5335ecd0-5468-8860-a72a-b0e29675004c','5335ecd0-5468-8860-a72a-b0e29675004c','order.submitted','2026-11-26T18:27:52.673Z');
INSERT INTO "inbox" VALUES(276,'cc7d7f8d-5fa1-8285-8f5a-90f35c6cbdd9/2/email','email','ada@example.com','Your order MGYDE-6SFES-1 at Shop: please pay','Hello Ada Lovelace,

we have your order MGYDE-6SFES-1 and keep its items for you until 2026-11-26 18:57 UTC.

1 x Blue stoneware mug, 350 ml  19.90 EUR

Subtotal 19.90 EUR
Discount 0.00 EUR
Shipping 4.90 EUR
Tax 4.71 EUR
Total 29.51 EUR

Pay here: http://127.0.0.1:40879/orders/cc7d7f8d-5fa1-8285-8f5a-90f35c6cbdd9
Without a payment by then the order is cancelled and costs you nothing.

Shop','cc7d7f8d-5fa1-8285-8f5a-90f35c6cbdd9','order.submitted','2026-11-26T18:27:52.78Z');
INSERT INTO "inbox" VALUES(277,'cc7d7f8d-5fa1-8285-8f5a-90f35c6cbdd9/2/sms','sms','+491701234567',NULL,'Shop: order MGYDE-6SFES-1 over 29.51 EUR waits for your payment until 2026-11-26 18:57 UTC. http://127.0.0.1:40879/orders/cc7d7f8d-5fa1-8285-8f5a-90f35c6cbdd9','cc7d7f8d-5fa1-8285-8f5a-90f35c6cbdd9','order.submitted','2026-11-26T18:27:52.858Z');
INSERT INTO "inbox" VALUES(278,'ff6a00dd-aa05-8a8d-b0f1-dc066188ca12/2/email','email','ada@example.com','Your order EW0SG-RHJGJ-T at Shop: please pay','Hello Ada Lovelace,

we have your order EW0SG-RHJGJ-T and keep its items for you until 2026-11-26 18:57 UTC.

1 x Blue stoneware mug, 350 ml  19.90 EUR

Subtotal 19.90 EUR
Discount 2.99 EUR
Shipping 4.90 EUR
Tax 4.14 EUR
Total 25.95 EUR

Pay here: http://127.0.0.1:40879/orders/ff6a00dd-aa05-8a8d-b0f1-dc066188ca12
Without a payment by then the order is cancelled and costs you nothing.

Shop','ff6a00dd-aa05-8a8d-b0f1-dc066188ca12','order.submitted','2026-11-26T18:27:52.861Z');
INSERT INTO "inbox" VALUES(279,'08e00131-13c4-8512-a5af-066fef5450ef/2/email','email','ada@example.com','Your order R6DZQ-N8M7F-R at Shop: please pay','Hello Ada Lovelace,

we have your order R6DZQ-N8M7F-R and keep its items for you until 2026-11-26 18:57 UTC.

1 x Blue stoneware mug, 350 ml  19.90 EUR

Subtotal 19.90 EUR
Discount 0.00 EUR
Shipping 4.90 EUR
Tax 4.71 EUR
Total 29.51 EUR

Pay here: http://127.0.0.1:40879/orders/08e00131-13c4-8512-a5af-066fef5450ef
Without a payment by then the order is cancelled and costs you nothing.

Shop','08e00131-13c4-8512-a5af-066fef5450ef','order.submitted','2026-11-26T18:27:52.903Z');
INSERT INTO "inbox" VALUES(280,'ff6a00dd-aa05-8a8d-b0f1-dc066188ca12/2/sms','sms','+491701234567',NULL,'Shop: order EW0SG-RHJGJ-T over 25.95 EUR waits for your payment until 2026-11-26 18:57 UTC. http://127.0.0.1:40879/orders/ff6a00dd-aa05-8a8d-b0f1-dc066188ca12','ff6a00dd-aa05-8a8d-b0f1-dc066188ca12','order.submitted','2026-11-26T18:27:52.946Z');
INSERT INTO "inbox" VALUES(281,'08e00131-13c4-8512-a5af-066fef5450ef/2/sms','sms','+491701234567',NULL,'Shop: order R6DZQ-N8M7F-R over 29.51 EUR waits for your payment until 2026-11-26 18:57 UTC. http://127.0.0.1:40879/orders/08e00131-13c4-8512-a5af-066fef5450ef','08e00131-13c4-8512-a5af-066fef5450ef','order.submitted','2026-11-26T18:27:52.98Z');
INSERT INTO "inbox" VALUES(282,'08e00131-13c4-8512-a5af-066fef5450ef/4/email','email','ada@example.com','Your order R6DZQ-N8M7F-R at Shop is confirmed','Hello Ada Lovelace,

thank you, we have received your payment of 29.51 EUR. Your order R6DZQ-N8M7F-R is confirmed:

1 x Blue stoneware mug, 350 ml  19.90 EUR

We tell you when it is on its way. Follow it here: http://127.0.0.1:40879/orders/08e00131-13c4-8512-a5af-066fef5450ef

Shop','08e00131-13c4-8512-a5af-066fef5450ef','order.payment_confirmed','2026-11-26T18:27:53.041Z');
INSERT INTO "inbox" VALUES(283,'08e00131-13c4-8512-a5af-066fef5450ef/4/sms','sms','+491701234567',NULL,'Shop: thank you! Order R6DZQ-N8M7F-R over 29.51 EUR is paid and confirmed. http://127.0.0.1:40879/orders/08e00131-13c4-8512-a5af-066fef5450ef','08e00131-13c4-8512-a5af-066fef5450ef','order.payment_confirmed','2026-11-26T18:27:53.06Z');
INSERT INTO "inbox" VALUES(284,'760db3e6-d09d-821f-a24d-4054f5779a29/2/email','email','ada@example.com','Your order A0AKT-QF6H9-Y at Shop: please pay','Hello Ada Lovelace,

we have your order A0AKT-QF6H9-Y and keep its items for you until 2026-11-26 18:57 UTC.

1 x Sand stoneware mug, 350 ml  21.90 EUR

Subtotal 21.90 EUR
Discount 0.00 EUR
Shipping 4.90 EUR
Tax 5.09 EUR
Total 31.89 EUR

Pay here: http://127.0.0.1:40879/orders/760db3e6-d09d-821f-a24d-4054f5779a29
Without a payment by then the order is cancelled and costs you nothing.

Shop','760db3e6-d09d-821f-a24d-4054f5779a29','order.submitted','2026-11-26T18:27:53.707Z');
INSERT INTO "inbox" VALUES(285,'760db3e6-d09d-821f-a24d-4054f5779a29/2/sms','sms','+491701234567',NULL,'Shop: order A0AKT-QF6H9-Y over 31.89 EUR waits for your payment until 2026-11-26 18:57 UTC. http://127.0.0.1:40879/orders/760db3e6-d09d-821f-a24d-4054f5779a29','760db3e6-d09d-821f-a24d-4054f5779a29','order.submitted','2026-11-26T18:27:53.735Z');
INSERT INTO "inbox" VALUES(286,'b264635d-4863-817b-92af-bef94678fdde/2/email','email','ada@example.com','Your order XYZ53-7HZEY-H at Shop: please pay','Hello Ada Lovelace,

we have your order XYZ53-7HZEY-H and keep its items for you until 2026-11-26 18:57 UTC.

1 x Sand stoneware mug, 350 ml  21.90 EUR

Subtotal 21.90 EUR
Discount 0.00 EUR
Shipping 4.90 EUR
Tax 5.09 EUR
Total 31.89 EUR

Pay here: http://127.0.0.1:40879/orders/b264635d-4863-817b-92af-bef94678fdde
Without a payment by then the order is cancelled and costs you nothing.

Shop','b264635d-4863-817b-92af-bef94678fdde','order.submitted','2026-11-26T18:27:53.956Z');
INSERT INTO "inbox" VALUES(287,'b264635d-4863-817b-92af-bef94678fdde/2/sms','sms','+491701234567',NULL,'Shop: order XYZ53-7HZEY-H over 31.89 EUR waits for your payment until 2026-11-26 18:57 UTC. http://127.0.0.1:40879/orders/b264635d-4863-817b-92af-bef94678fdde','b264635d-4863-817b-92af-bef94678fdde','order.submitted','2026-11-26T18:27:53.986Z');
INSERT INTO "inbox" VALUES(288,'b264635d-4863-817b-92af-bef94678fdde/4/email','email','ada@example.com','Your order XYZ53-7HZEY-H at Shop is confirmed','Hello Ada Lovelace,

thank you, we have received your payment of 31.89 EUR. Your order XYZ53-7HZEY-H is confirmed:

1 x Sand stoneware mug, 350 ml  21.90 EUR

We tell you when it is on its way. Follow it here: http://127.0.0.1:40879/orders/b264635d-4863-817b-92af-bef94678fdde

Shop','b264635d-4863-817b-92af-bef94678fdde','order.payment_confirmed','2026-11-26T18:27:54.099Z');
INSERT INTO "inbox" VALUES(289,'b264635d-4863-817b-92af-bef94678fdde/4/sms','sms','+491701234567',NULL,'Shop: thank you! Order XYZ53-7HZEY-H over 31.89 EUR is paid and confirmed. http://127.0.0.1:40879/orders/b264635d-4863-817b-92af-bef94678fdde','b264635d-4863-817b-92af-bef94678fdde','order.payment_confirmed','2026-11-26T18:27:54.123Z');
INSERT INTO "inbox" VALUES(290,'b264635d-4863-817b-92af-bef94678fdde/5/email','email','ada@example.com','Your order XYZ53-7HZEY-H is cancelled','Hello Ada Lovelace,

as you asked, your order XYZ53-7HZEY-H is cancelled.
What you paid goes back to you by the way you paid.
Your order: http://127.0.0.1:40879/orders/b264635d-4863-817b-92af-bef94678fdde

Shop','b264635d-4863-817b-92af-bef94678fdde','order.cancelled','2026-11-26T18:27:54.233Z');
INSERT INTO "inbox" VALUES(291,'b264635d-4863-817b-92af-bef94678fdde/5/sms','sms','+491701234567',NULL,'Shop: order XYZ53-7HZEY-H is cancelled. Your money is on its way back. http://127.0.0.1:40879/orders/b264635d-4863-817b-92af-bef94678fdde','b264635d-4863-817b-92af-bef94678fdde','order.cancelled','2026-11-26T18:27:54.285Z');
INSERT INTO "inbox" VALUES(292,'b264635d-4863-817b-92af-bef94678fdde/6/email','email','ada@example.com','Your refund for order XYZ53-7HZEY-H is on its way','Hello Ada Lovelace,

we send 31.89 EUR of order XYZ53-7HZEY-H back to you, by the way you paid. Your order: http://127.0.0.1:40879/orders/b264635d-4863-817b-92af-bef94678fdde

Shop','b264635d-4863-817b-92af-bef94678fdde','order.refund_initiated','2026-11-26T18:27:54.323Z');
INSERT INTO "inbox" VALUES(293,'b264635d-4863-817b-92af-bef94678fdde/6/sms','sms','+491701234567',NULL,'Shop: 31.89 EUR of order XYZ53-7HZEY-H is on its way back to you. http://127.0.0.1:40879/orders/b264635d-4863-817b-92af-bef94678fdde','b264635d-4863-817b-92af-bef94678fdde','order.refund_initiated','2026-11-26T18:27:54.363Z');
CREATE TABLE migrations (module TEXT PRIMARY KEY, steps INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO "migrations" VALUES('inbox',1);
INSERT INTO "migrations" VALUES('messaging',1);
INSERT INTO "migrations" VALUES('sandbox',2);
INSERT INTO "migrations" VALUES('sources',1);
CREATE TABLE queue_messages (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        queue TEXT NOT NULL,
        message_id TEXT NOT NULL,
        body TEXT NOT NULL,
        attributes TEXT NOT NULL,
        group_id TEXT,
        dedup_id TEXT,
        sent_ms INTEGER NOT NULL,
        visible_ms INTEGER NOT NULL,
        receive_count INTEGER NOT NULL DEFAULT 0,
        first_received_ms INTEGER,
        receipt TEXT,
        held INTEGER NOT NULL DEFAULT 0,
        source_queue TEXT
    );
INSERT INTO "queue_messages" VALUES(215,'local-refund-dead-letters.fifo','bfca3626-a47f-4767-8fa2-eaf91a9675a3','{"specversion":','{"type":{"data_type":"String","value":"order.refund_initiated"}}','order.refund_initiated','order.refund_initiated',1795716756645,1795716756645,0,NULL,NULL,0,'local-refund.fifo');
INSERT INTO "queue_messages" VALUES(216,'local-payment-dead-letters.fifo','2723612b-7174-432e-9609-bebb7bad9747','{"specversion":','{"type":{"data_type":"String","value":"order.payment_requested"}}','order.payment_requested','order.payment_requested',1795717061696,1795717061696,0,NULL,NULL,0,'local-payment.fifo');
INSERT INTO "queue_messages" VALUES(217,'local-notify-dead-letters.fifo','c5ace045-7227-4723-8baf-5205c451a7bc','{"specversion":','{"type":{"data_type":"String","value":"order.submitted"}}','order.submitted','order.submitted',1795717366745,1795717366745,0,NULL,NULL,0,'local-notify.fifo');
INSERT INTO "queue_messages" VALUES(218,'local-notify-dead-letters.fifo','c809c388-6602-4a6b-9b25-0ba9d2c24568','{"specversion":','{"type":{"data_type":"String","value":"order.refund_initiated"}}','order.refund_initiated','order.refund_initiated',1795717366745,1795717366745,0,NULL,NULL,0,'local-notify.fifo');
INSERT INTO "queue_messages" VALUES(219,'local-screen-dead-letters.fifo','d65d3d52-85ef-40b8-8b23-d6034c4a4ec7','{"specversion":','{"type":{"data_type":"String","value":"order.submitted"}}','order.submitted','order.submitted',1795717366751,1795717366751,0,NULL,NULL,0,'local-screen.fifo');
INSERT INTO "queue_messages" VALUES(220,'local-relay-dead-letters','6edf5ded-b034-443f-9d88-f2950ff9f181','{"DDBStreamBatchInfo":{"batchSize":1,"endSequenceNumber":"100000000000000000001","shardId":"shardId-00000000000000000000-00000000","startSequenceNumber":"100000000000000000001","streamArn":"arn:aws:dynamodb:eu-central-1:000000000000:table/orders/stream/1"},"requestContext":{"approximateInvokeCount":11,"condition":"RetryAttemptsExhausted","functionArn":"arn:aws:lambda:eu-central-1:000000000000:function:relay","requestId":"00000000-0000-4000-8000-000000000000"},"responseContext":{"executedVersion":"$LATEST","functionError":"Unhandled","statusCode":200},"timestamp":"2026-11-26T18:27:51.859Z","version":"1.0"}','{}',NULL,NULL,1795717671859,1795717671859,0,NULL,NULL,0,NULL);
INSERT INTO "queue_messages" VALUES(221,'local-alert-dead-letters','86a7738d-aeb0-4340-82f7-3c454667e6f2','{"DDBStreamBatchInfo":{"batchSize":1,"endSequenceNumber":"100000000000000000001","shardId":"shardId-00000000000000000000-00000000","startSequenceNumber":"100000000000000000001","streamArn":"arn:aws:dynamodb:eu-central-1:000000000000:table/orders/stream/1"},"requestContext":{"approximateInvokeCount":11,"condition":"RetryAttemptsExhausted","functionArn":"arn:aws:lambda:eu-central-1:000000000000:function:relay","requestId":"00000000-0000-4000-8000-000000000000"},"responseContext":{"executedVersion":"$LATEST","functionError":"Unhandled","statusCode":200},"timestamp":"2026-11-26T18:27:51.859Z","version":"1.0"}','{}',NULL,NULL,1795717671859,1795717671859,0,NULL,NULL,0,NULL);
INSERT INTO "queue_messages" VALUES(224,'local-payment.fifo','78963df5-72dc-4dcf-8d13-bd40c7c028c3','{"specversion":"1.0","id":"c8825b43-77cc-8fda-9985-b20a106cfa23/3","source":"/oms/orders","type":"oms.order.payment_requested.v1","subject":"c8825b43-77cc-8fda-9985-b20a106cfa23","time":"2026-11-26T18:27:52.222Z","datacontenttype":"application/json","correlationid":"a988c09d330a49b7ac0530314a9d06cd","data":{"order_number":"DJ188-6SYH3-W","version":3,"status":"pending","actor":{"id":"hot-confirmed","role":"customer"},"event":"payment_requested","payment_id":"02ee7da7-0914-81a0-a7aa-26a1e705b694"}}','{"type":{"data_type":"String","value":"order.payment_requested"}}','c8825b43-77cc-8fda-9985-b20a106cfa23','c8825b43-77cc-8fda-9985-b20a106cfa23/3',1795717672276,1795717702276,0,NULL,NULL,0,NULL);
INSERT INTO "queue_messages" VALUES(234,'local-payment.fifo','59b33385-7d55-44c4-b22e-b0cb3e89f162','{"specversion":"1.0","id":"08e00131-13c4-8512-a5af-066fef5450ef/3","source":"/oms/orders","type":"oms.order.payment_requested.v1","subject":"08e00131-13c4-8512-a5af-066fef5450ef","time":"2026-11-26T18:27:52.951Z","datacontenttype":"application/json","correlationid":"0d607b4fceba4f93b30762be681a90bd","data":{"order_number":"R6DZQ-N8M7F-R","version":3,"status":"pending","actor":{"id":"removed","role":"customer"},"event":"payment_requested","payment_id":"5a2aff97-36f1-8476-b482-c54798278b77"}}','{"type":{"data_type":"String","value":"order.payment_requested"}}','08e00131-13c4-8512-a5af-066fef5450ef','08e00131-13c4-8512-a5af-066fef5450ef/3',1795717672984,1795717702984,0,NULL,NULL,0,NULL);
INSERT INTO "queue_messages" VALUES(236,'local-notify.fifo','154992b4-a246-4fa1-b7a9-217433b199c8','{"specversion":"1.0"','{"type":{"data_type":"String","value":"order.cancelled"}}','order.cancelled','order.cancelled',1795717673617,1795717733618,1,1795717673618,'d1403a54-e5f8-453d-8ed6-0e4d9c6e60cb',0,NULL);
INSERT INTO "queue_messages" VALUES(239,'local-payment.fifo','4f7d7c66-ec9e-4053-a53f-43f1ab418b65','{"specversion":"1.0","id":"760db3e6-d09d-821f-a24d-4054f5779a29/3","source":"/oms/orders","type":"oms.order.payment_requested.v1","subject":"760db3e6-d09d-821f-a24d-4054f5779a29","time":"2026-11-26T18:27:53.767Z","datacontenttype":"application/json","correlationid":"a8c659eb78304e36a4da0182bace74be","data":{"order_number":"A0AKT-QF6H9-Y","version":3,"status":"pending","actor":{"id":"page-open","role":"customer"},"event":"payment_requested","payment_id":"3226ab49-6d71-856d-9f9b-92ad141fe427"}}','{"type":{"data_type":"String","value":"order.payment_requested"}}','760db3e6-d09d-821f-a24d-4054f5779a29','760db3e6-d09d-821f-a24d-4054f5779a29/3',1795717673785,1795717703785,0,NULL,NULL,0,NULL);
INSERT INTO "queue_messages" VALUES(242,'local-payment.fifo','ac5a7335-164b-41b4-98de-a8750b273892','{"specversion":"1.0","id":"b264635d-4863-817b-92af-bef94678fdde/3","source":"/oms/orders","type":"oms.order.payment_requested.v1","subject":"b264635d-4863-817b-92af-bef94678fdde","time":"2026-11-26T18:27:54.03Z","datacontenttype":"application/json","correlationid":"b3c33f19ee1849b1ba869d261c3d2bd2","data":{"order_number":"XYZ53-7HZEY-H","version":3,"status":"pending","actor":{"id":"refund-pending","role":"customer"},"event":"payment_requested","payment_id":"b5b3e295-7f91-8f4b-8aa6-d0e28813824f"}}','{"type":{"data_type":"String","value":"order.payment_requested"}}','b264635d-4863-817b-92af-bef94678fdde','b264635d-4863-817b-92af-bef94678fdde/3',1795717674046,1795717704046,0,NULL,NULL,0,NULL);
INSERT INTO "queue_messages" VALUES(246,'local-refund.fifo','39a1675b-00ef-4403-9f18-851baa94ad58','{"specversion":"1.0","id":"b264635d-4863-817b-92af-bef94678fdde/6","source":"/oms/orders","type":"oms.order.refund_initiated.v1","subject":"b264635d-4863-817b-92af-bef94678fdde","time":"2026-11-26T18:27:54.166Z","datacontenttype":"application/json","correlationid":"01791c7bd37b4841935de6574d3a8a85","data":{"order_number":"XYZ53-7HZEY-H","version":6,"status":"cancelled","actor":{"id":"refund-pending","role":"customer"},"event":"refund_initiated","refund_id":"bbad54a7-c00e-8f00-8616-9fb0386659c6","amount_minor":3189,"reason":"order_cancelled"}}','{"type":{"data_type":"String","value":"order.refund_initiated"}}','b264635d-4863-817b-92af-bef94678fdde','b264635d-4863-817b-92af-bef94678fdde/6',1795717674192,1795717974198,1,1795717674198,'f137385b-a89c-42d0-80cb-824684da883e',0,NULL);
CREATE TABLE sandbox_forgotten (token TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE sandbox_pages (
        payment_id TEXT PRIMARY KEY,
        order_id TEXT NOT NULL,
        amount_minor INTEGER NOT NULL,
        currency TEXT NOT NULL,
        return_url TEXT,
        status TEXT NOT NULL DEFAULT 'open'
    , keep INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
INSERT INTO "sandbox_pages" VALUES('02ee7da7-0914-81a0-a7aa-26a1e705b694','c8825b43-77cc-8fda-9985-b20a106cfa23',17493,'EUR',NULL,'succeeded',0);
INSERT INTO "sandbox_pages" VALUES('0d99e717-6037-8fe6-aeb5-68b64eeb661e','71eb57b0-5657-804c-912e-72def55de610',6271,'EUR',NULL,'succeeded',0);
INSERT INTO "sandbox_pages" VALUES('2b06e033-6509-82a9-b139-3fe7b945de59','5bb658cc-bc76-8445-938f-0a58c15a95e4',6271,'EUR',NULL,'succeeded',0);
INSERT INTO "sandbox_pages" VALUES('2fa0fb18-8072-8d78-aada-b0aebad23a88','01866f9b-bfab-8bb9-bd54-301f13fc87b4',2951,'EUR',NULL,'succeeded',0);
INSERT INTO "sandbox_pages" VALUES('3226ab49-6d71-856d-9f9b-92ad141fe427','760db3e6-d09d-821f-a24d-4054f5779a29',3189,'EUR',NULL,'open',0);
INSERT INTO "sandbox_pages" VALUES('34e92713-0d7a-829a-8ea2-5e385c46e585','35152cd1-88c9-8ebf-9854-72c7188b3172',5404,'EUR',NULL,'succeeded',0);
INSERT INTO "sandbox_pages" VALUES('3625834d-ecdc-8ced-a387-d8cd4600d31f','2d453ea9-7c29-85ee-b7ae-493539276d88',5404,'EUR',NULL,'succeeded',0);
INSERT INTO "sandbox_pages" VALUES('3e7fb1e7-6393-8e30-8ea4-ab34eb4193c2','f2341782-8e19-8983-afbb-319d4756f88e',5404,'EUR',NULL,'succeeded',0);
INSERT INTO "sandbox_pages" VALUES('54c3432e-41ad-89e5-a944-4f3a86b519be','bef0917a-403a-8c05-a65d-adcdf0704eca',185640,'EUR',NULL,'succeeded',0);
INSERT INTO "sandbox_pages" VALUES('5a2aff97-36f1-8476-b482-c54798278b77','08e00131-13c4-8512-a5af-066fef5450ef',2951,'EUR','https://shop.example.com/thanks','succeeded',1);
INSERT INTO "sandbox_pages" VALUES('659b65ef-d2d3-8882-a693-1ab886c41d87','759b341b-00c7-883e-9248-755d565d2ad1',185640,'EUR',NULL,'succeeded',0);
INSERT INTO "sandbox_pages" VALUES('6f249038-b091-8deb-b83c-10596b4c4223','aa4e1652-a522-81f1-aebd-d7f7265e97cd',6271,'EUR','https://shop.example.com/thanks','succeeded',0);
INSERT INTO "sandbox_pages" VALUES('71be8bff-c1d7-82fd-a23d-fdb05d876611','adaa7a07-3189-8a99-9e8f-a14bff72f330',2951,'EUR',NULL,'succeeded',0);
INSERT INTO "sandbox_pages" VALUES('77634d33-acd9-8a08-bfba-6cf96094630b','4713b4b5-bafd-8dea-82a5-17b24834a521',5404,'EUR',NULL,'succeeded',0);
INSERT INTO "sandbox_pages" VALUES('7a786ce3-34ad-8b19-8d2f-28b7d7051f82','aca448c6-1ba9-8ab6-a233-cb9d9479085b',2951,'EUR',NULL,'succeeded',0);
INSERT INTO "sandbox_pages" VALUES('859b89e5-9e6f-8327-9375-bd8d2094dde7','e9e10423-1715-8249-a74f-ede07d13c0d9',6271,'EUR','https://shop.example.com/thanks','succeeded',0);
INSERT INTO "sandbox_pages" VALUES('86a5b5f5-a1a1-8da2-9142-1d68a7f1f1ee','4e6e902a-b7ea-8080-a5e7-cf2f05a43ffe',2951,'EUR',NULL,'succeeded',0);
INSERT INTO "sandbox_pages" VALUES('86b75493-04fc-801f-976e-88b7aa2ba01e','9b554f6d-ba0f-8d56-a910-1aab9d6cae40',5404,'EUR','https://shop.example.com/thanks','succeeded',0);
INSERT INTO "sandbox_pages" VALUES('8895daf8-8b98-8718-b329-b8878af29d5a','fc20b3b1-1fde-81f3-874d-db6a9686c817',6271,'EUR','https://shop.example.com/thanks','succeeded',0);
INSERT INTO "sandbox_pages" VALUES('9b916ec0-fec6-8d38-a67e-faa47b317367','943c663b-27c2-8f28-adba-53833d764f91',6271,'EUR','https://shop.example.com/thanks','succeeded',0);
INSERT INTO "sandbox_pages" VALUES('abba5d77-6e86-88a8-813c-64a064ddbe5b','69810a0c-062d-8c3b-a85f-34f7f9df774c',5404,'EUR',NULL,'succeeded',0);
INSERT INTO "sandbox_pages" VALUES('ae534f2f-e3d8-85a6-8aab-9a814b601dac','40d94b4b-3d89-8814-b6cc-7e1a123d31d5',2951,'EUR',NULL,'closed',0);
INSERT INTO "sandbox_pages" VALUES('b3a6b381-df3f-8947-84cc-54e369a8d00a','32842f46-467e-86fe-8988-dcd501c3e9fd',6271,'EUR',NULL,'succeeded',0);
INSERT INTO "sandbox_pages" VALUES('b5b3e295-7f91-8f4b-8aa6-d0e28813824f','b264635d-4863-817b-92af-bef94678fdde',3189,'EUR',NULL,'succeeded',0);
INSERT INTO "sandbox_pages" VALUES('c28d2234-af9f-877a-8055-2e202b6d6453','9def8fa1-0244-83b2-befb-bdd93360cab0',2951,'EUR',NULL,'succeeded',0);
INSERT INTO "sandbox_pages" VALUES('c5cd1a0b-a173-8b3d-99c2-6860fa6c06f4','ad8a310e-31f8-86a6-ad14-751124e1d7be',6271,'EUR','https://shop.example.com/thanks','succeeded',0);
INSERT INTO "sandbox_pages" VALUES('c810c4e9-e1df-8282-ac8f-94f1237ae6e2','40d94b4b-3d89-8814-b6cc-7e1a123d31d5',2951,'EUR',NULL,'succeeded',0);
INSERT INTO "sandbox_pages" VALUES('d4cd7f87-ce36-8425-a3ad-eac72dee5c11','99f013bb-6243-8ac6-b7e7-2fbcb1cd5287',6271,'EUR',NULL,'succeeded',0);
INSERT INTO "sandbox_pages" VALUES('e3a1d35c-9251-8a9c-ae6c-c09e75e78d31','96a79afa-0db0-83f7-a38f-7b133e104615',185640,'EUR',NULL,'succeeded',0);
INSERT INTO "sandbox_pages" VALUES('e44c806a-d44c-8df8-a9db-3583c50e927a','b7545c63-06ec-81f1-8e45-abce55ace06a',5703,'EUR','https://shop.example.com/thanks','succeeded',0);
INSERT INTO "sandbox_pages" VALUES('e6542cc8-8596-8d4b-8c2c-000b24e1462a','4713b4b5-bafd-8dea-82a5-17b24834a521',5404,'EUR',NULL,'succeeded',0);
INSERT INTO "sandbox_pages" VALUES('f83bd8fa-e60f-89c3-a2ec-148d478b91f6','bea476bb-ea53-8d33-bf12-3cb24df4e361',2488,'EUR',NULL,'closed',0);
INSERT INTO "sandbox_pages" VALUES('fd5c0901-6426-84d5-b289-63ab0ae1860d','b3477147-2d29-84f1-849c-622f9f35cde3',6271,'EUR','https://shop.example.com/thanks','succeeded',1);
CREATE TABLE sandbox_refunds (
        refund_id TEXT PRIMARY KEY,
        payment_id TEXT NOT NULL,
        amount_minor INTEGER NOT NULL
    ) WITHOUT ROWID;
INSERT INTO "sandbox_refunds" VALUES('020e7653-f366-850f-99a5-667734da87b5','859b89e5-9e6f-8327-9375-bd8d2094dde7',2718);
INSERT INTO "sandbox_refunds" VALUES('32c4c516-a406-8c7e-a959-715497f6c348','e3a1d35c-9251-8a9c-ae6c-c09e75e78d31',185640);
INSERT INTO "sandbox_refunds" VALUES('3718c18e-c488-80b2-b64d-451aa5b322eb','0d99e717-6037-8fe6-aeb5-68b64eeb661e',6271);
INSERT INTO "sandbox_refunds" VALUES('482227ab-5ebe-861e-af46-67245a2d3c10','86a5b5f5-a1a1-8da2-9142-1d68a7f1f1ee',2951);
INSERT INTO "sandbox_refunds" VALUES('6d8068e2-42d2-8e06-b285-5d70b3493020','77634d33-acd9-8a08-bfba-6cf96094630b',5404);
INSERT INTO "sandbox_refunds" VALUES('bf4a4c91-489c-8912-8714-b68fec187205','9b916ec0-fec6-8d38-a67e-faa47b317367',6271);
INSERT INTO "sandbox_refunds" VALUES('c4e1258c-c15f-8b42-a596-26c47c57e0c0','859b89e5-9e6f-8327-9375-bd8d2094dde7',100);
INSERT INTO "sandbox_refunds" VALUES('dd6d18cd-d5bb-8bd7-94ca-f949ee9135dc','c28d2234-af9f-877a-8055-2e202b6d6453',2951);
INSERT INTO "sandbox_refunds" VALUES('e756fb53-159a-8c2d-990f-ca73bf97b353','3625834d-ecdc-8ced-a387-d8cd4600d31f',5404);
INSERT INTO "sandbox_refunds" VALUES('ec14a47b-c8a2-872a-b12a-292e2efa891d','34e92713-0d7a-829a-8ea2-5e385c46e585',5404);
CREATE TABLE sandbox_webhooks (
        event_id TEXT PRIMARY KEY,
        body TEXT NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0,
        due_ms INTEGER NOT NULL
    ) WITHOUT ROWID;
CREATE TABLE schedules (id TEXT PRIMARY KEY, last_ms INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO "schedules" VALUES('CountOrders/EveryQuarter',1795717254176);
INSERT INTO "schedules" VALUES('ForgetMethods/EveryQuarter',1795717254176);
INSERT INTO "schedules" VALUES('Sweep/EveryMinute',1795717674176);
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO "settings" VALUES('clock_offset_ms','6679000');
INSERT INTO "settings" VALUES('identity_key','MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQCqnlK+/bGgIVA/4dEj7TzXe8pP4mC5WvSmkJJilFHvoqfNxG4kXu0cF2He9bhaduMmGJMahKvVXZAo6bi0mar2Mi8R6CeVa6R1gwHqFN+E/qp88o8yyvk4UOtYu8jQcyFfMZXXG0TMdLRl7ALYlzeOT6i/ZsjHnyJNz1UVx4oC1PVYn16B4iueadjMoWpYjRq5s5OkKnCjDKIWx2zCxQw2wOiY5LwTB2ZMqY1Bv52r3YkVfcLJzxeq2qy6LfjUnNrlvNEEzrDFOTqys9hzwL4L84/2zi6qSCzG1ulmd12MjuPlN1oSlE0q72wEF3G0Z9+MQzCW0p0ByTNBMnCXQLrTAgMBAAECggEABZ8868UxRq0CV3CJ8yycjh8qnfJALKtmF1z5Ld1kS8iozdt0o6crGftdQrsHDZgQSQ+TPVL01I2GNArrhqvvmbgym9zx/Pb0jti3xe5VJS09EevuMwbEKopkDuL1LYU1qszX+qQP4srPrPIXb+qfroVKcrAg2o8QUs8LpzGRhyFOcRQydDT5qOpG/EHgaTGy53Jzgzb/kfPvjjtWFWp1VKmiYLdVFDynDxhVNYgOKucCA2bJb4ZKtUk6mXP5AZeY4IptC0+c80bltPRAhjl9SyumaD8tXYxlQBzq/7JdLzpjAtZZDQJB3Z3Vd9EoTUSTG5mqpuSd6AJ6Chgcwg/z3QKBgQDoB78WDiF+wP/G6HuVq2rY3stLIF9As5bS3T7xilY1+G4jeZwgoIW4OqVUM2XZYPtI3bAOMEQJio5mp1XEyadY0D+EhJjZjORaPIjJzL/IRZ2GSGpJ8jjNwN4veVwZ1U6ckcr+3Lvyh0P0L32hDJVMYKWTkz3RU+bBduAmFbhuzwKBgQC8PnwqxIzTws7nr0rqa81OszYsOM/lMqzQVMCTUI1VT3UVksggr0sN8dgWdOu7hm6ttLckStxozfmpKA5D3GrfTdJ2yywHmY6rfTn/ICf1oyJ2C2EnUKgzZbycN4Kmkn5PH5N9Xlnwjj+j+JCN7Ewok6qfnWwKI1F0+48ukVVUvQKBgQC8zSjYunDY4hR+dsew9sW/aDKFk/bOABP2yt6fzk/uJJMCPL8k8Vk9mkLTK+txIW/3T6QlN3L1TJAoyXqJ4QhRxUoZ+4cgZnudTWqEwh0/yh2umZgbSYSdL5XbjWW7A42u6xcBoP0yEIzj0gzokgOeHXo9he8kOKAoxiEH/F6RkwKBgHxdB6k1mxhXzlvQOj0vJT9GNJb4nZh9ZyBnraZlhEoFKYQsKd02Ee7PhQQpEIgeY0aNaqUmdAElezhfBzWcDFskzdO/nIIU1+XB4KwFcYDd2umD0RapOcZjAz1tivpDNAFQCh+8Us0THUZV9CJfJ11zWTkERplYBfu0Kj8Iswg9AoGAMbznf7A3fFtPpDtOJDRYkPyvjViwRUPzCXCTE7MpB56CjU8R41CuGUs8B4fuzMQJU+11PBIHlCtjppU0hw5D5akbFIUo4bb4ZWgszzEi+QT68txj5YtlFGhcGNClMrLP0ZgUhKbKn/eyWc+quE/mwpOGTLC/r+URwbd8DWI8Y0g=');
INSERT INTO "settings" VALUES('sandbox_webhook_secret','dg6HRcw7SKmR0qOlVbNeGiu4H4doGEaukPubGLHA3ps=');
INSERT INTO "settings" VALUES('table:local-CatalogTable','{"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"sk","AttributeType":"S"},{"AttributeName":"list","AttributeType":"S"},{"AttributeName":"list_key","AttributeType":"S"}],"BillingMode":"PAY_PER_REQUEST","GlobalSecondaryIndexes":[{"IndexName":"listing","KeySchema":[{"AttributeName":"list","KeyType":"HASH"},{"AttributeName":"list_key","KeyType":"RANGE"}],"Projection":{"ProjectionType":"KEYS_ONLY"}}],"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"sk","KeyType":"RANGE"}],"StreamSpecification":{"StreamEnabled":true,"StreamViewType":"NEW_IMAGE"},"TableName":"local-CatalogTable"}');
INSERT INTO "settings" VALUES('table:local-OrdersTable','{"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"sk","AttributeType":"S"},{"AttributeName":"customer","AttributeType":"S"},{"AttributeName":"status","AttributeType":"S"},{"AttributeName":"created","AttributeType":"S"},{"AttributeName":"due","AttributeType":"S"},{"AttributeName":"due_at","AttributeType":"S"}],"BillingMode":"PAY_PER_REQUEST","GlobalSecondaryIndexes":[{"IndexName":"by_customer","KeySchema":[{"AttributeName":"customer","KeyType":"HASH"},{"AttributeName":"created","KeyType":"RANGE"}],"Projection":{"NonKeyAttributes":["summary","status"],"ProjectionType":"INCLUDE"}},{"IndexName":"by_status","KeySchema":[{"AttributeName":"status","KeyType":"HASH"},{"AttributeName":"created","KeyType":"RANGE"}],"Projection":{"NonKeyAttributes":["summary","customer"],"ProjectionType":"INCLUDE"}},{"IndexName":"due","KeySchema":[{"AttributeName":"due","KeyType":"HASH"},{"AttributeName":"due_at","KeyType":"RANGE"}],"Projection":{"ProjectionType":"KEYS_ONLY"}}],"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"sk","KeyType":"RANGE"}],"StreamSpecification":{"StreamEnabled":true,"StreamViewType":"NEW_IMAGE"},"TableName":"local-OrdersTable"}');
CREATE TABLE stream_checkpoints (mapping TEXT PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO "stream_checkpoints" VALUES('AlertStock/local-CatalogTable',1795710995173245);
INSERT INTO "stream_checkpoints" VALUES('Relay/local-OrdersTable',1795710995365065);
CREATE INDEX queue_messages_by_group ON queue_messages (queue, group_id, sequence);
CREATE INDEX queue_messages_by_receipt ON queue_messages (receipt);
CREATE INDEX inbox_by_order ON inbox (order_id, place);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('queue_messages',246);
COMMIT;
