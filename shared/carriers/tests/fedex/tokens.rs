//! Tokens: kept, renewed early, replaced once, and never asked for in a storm.

use oms_app::ports::{Carrier as _, CarrierError, Tracker as _};
use oms_carriers::Secret;
use oms_fakes::fedex::{CLIENT_ID, CLIENT_SECRET, Fault, Operation};

use crate::bench::{Bench, SERVICE};
use crate::story::{label, question, road, tracked};

impl Bench {
    fn tokens(&self) -> usize {
        self.fake.seen(Operation::Token).len()
    }
}

#[tokio::test]
async fn a_token_is_kept_and_renewed_five_minutes_before_its_end() {
    let bench = Bench::new().await;
    for (minutes, tokens) in [(0, 1), (54, 1), (2, 2), (54, 2)] {
        bench.clock.advance_minutes(minutes);
        bench.fedex.rates(&question()).await.unwrap();
        assert_eq!(bench.tokens(), tokens, "after {minutes} minutes");
    }
}

#[tokio::test]
async fn many_calls_at_once_fetch_one_token() {
    let bench = Bench::new().await;
    let request = question();
    let (a, b, c, d) = tokio::join!(
        bench.fedex.rates(&request),
        bench.fedex.rates(&request),
        bench.fedex.rates(&request),
        bench.fedex.rates(&request)
    );
    assert!([a, b, c, d].iter().all(Result::is_ok));
    assert_eq!(bench.tokens(), 1);
}

#[tokio::test]
async fn a_token_that_is_no_longer_taken_is_replaced_once() {
    let bench = Bench::new().await;
    bench.fedex.rates(&question()).await.unwrap();
    bench.fake.revoke_tokens();
    bench.bought(1).await;
    assert_eq!((bench.tokens(), bench.fake.paid().len()), (2, 1));
    bench.fake.script(
        Operation::Buy,
        [Fault::Refuses(401, "NOT.AUTHORIZED.ERROR"), Fault::Refuses(401, "NOT.AUTHORIZED.ERROR")],
    );
    assert_eq!(road(&bench.fedex.buy_label(&label(SERVICE, 1)).await), "refused: account");
    assert_eq!(bench.tokens(), 3);
}

#[tokio::test]
async fn while_fedex_shuts_us_out_nobody_asks_for_a_token() {
    let bench = Bench::new().await;
    bench.fake.script(Operation::Token, [Fault::Refuses(403, "FORBIDDEN.ERROR")]);
    assert_eq!(road(&bench.fedex.rates(&question()).await), "busy 600");
    bench.clock.advance_minutes(9);
    assert_eq!(road(&bench.fedex.rates(&question()).await), "busy 60");
    assert_eq!(bench.tokens(), 1);
    bench.clock.advance_minutes(1);
    bench.fedex.rates(&question()).await.unwrap();
    assert_eq!(bench.tokens(), 2);
}

#[tokio::test]
async fn wrong_keys_are_ours_to_repair_and_are_not_shown_again_at_once() {
    let bench = Bench::with(|config| config.client_secret = Secret::new("wrong")).await;
    for _ in 0..3 {
        assert_eq!(road(&bench.fedex.buy_label(&label(SERVICE, 1)).await), "refused: account");
    }
    assert_eq!((bench.tokens(), bench.fake.seen(Operation::Buy).len()), (1, 0));
}

#[tokio::test]
async fn a_token_that_cannot_be_fetched_leaves_a_purchase_undone() {
    let bench = Bench::impatient().await;
    let faults = [Fault::Breaks(500), Fault::LosesAnswer, Fault::NeverAnswers, Fault::Says("?".into())];
    bench.fake.script(Operation::Token, faults);
    for _ in 0..4 {
        assert_eq!(road(&bench.fedex.buy_label(&label(SERVICE, 1)).await), "unavailable");
    }
    bench.fake.script(Operation::Token, [Fault::Busy("7")]);
    let busy = bench.fedex.buy_label(&label(SERVICE, 1)).await;
    assert!(matches!(busy, Err(CarrierError::Busy { seconds: 7, .. })), "{busy:?}");
    assert_eq!(bench.fake.labels(), []);
}

#[tokio::test]
async fn the_old_token_serves_while_a_new_one_cannot_be_had() {
    let bench = Bench::new().await;
    bench.fedex.rates(&question()).await.unwrap();
    bench.clock.advance_minutes(56);
    bench.fake.script(Operation::Token, [Fault::Refuses(403, "FORBIDDEN.ERROR")]);
    bench.fedex.rates(&question()).await.unwrap();
    bench.fedex.rates(&question()).await.unwrap();
    assert_eq!(bench.tokens(), 2);
}

#[tokio::test]
async fn tracking_may_have_keys_of_its_own() {
    let bench = Bench::with(|config| config.tracking = Some((CLIENT_ID.to_owned(), Secret::new(CLIENT_SECRET)))).await;
    bench.fedex.rates(&question()).await.unwrap();
    bench.fedex.track(&[tracked("794600000001")]).await.unwrap();
    assert_eq!(bench.tokens(), 2);
}
