//! What fails, and what that means for a label and for a question.

use oms_app::ports::Carrier as _;
use oms_carriers::Secret;
use oms_fakes::ups::{Fault, Operation};
use rstest::rstest;
use serde_json::json;

use crate::bench::{Bench, SERVICE};
use crate::story::{NOBODY, label, question, road};

#[rstest]
#[case::answer_lost(Fault::LosesAnswer, "unknown", 1)]
#[case::answer_late(Fault::NeverAnswers, "unknown", 1)]
#[case::request_lost(Fault::LosesRequest, "unknown", 0)]
#[case::broken(Fault::Refuses(500, "10001"), "unknown", 0)]
#[case::somebody_between_us(Fault::Breaks(504), "unknown", 0)]
#[case::unreadable(Fault::Misreports("?".into()), "unknown", 1)]
#[case::trouble_of_its_own(Fault::Refuses(400, "10004"), "unknown", 0)]
#[case::address(Fault::Refuses(400, "120202"), "refused: address", 0)]
#[case::request(Fault::Refuses(400, "121100"), "refused: request", 0)]
#[case::account(Fault::Refuses(400, "120100"), "refused: account", 0)]
#[case::blocked(Fault::Refuses(403, "10403"), "refused: account", 0)]
#[case::busy(Fault::Busy("17"), "busy 17", 0)]
#[case::a_no_with_200(Fault::Says(json!({"response": {"errors": [{"code": "120202"}]}})), "refused: address", 0)]
#[tokio::test]
async fn a_purchase_is_never_repeated_and_is_only_known_when_ups_says_so(
    #[case] fault: Fault,
    #[case] means: &str,
    #[case] paid: usize,
) {
    let bench = Bench::impatient().await;
    bench.fake.script(Operation::Buy, [fault]);
    assert_eq!(road(&bench.ups.buy_label(&label(SERVICE, 1)).await), means);
    assert_eq!((bench.fake.seen(Operation::Buy).len(), bench.fake.paid().len()), (1, paid));
}

#[tokio::test]
async fn an_error_of_an_old_gateway_is_read() {
    let bench = Bench::new().await;
    let old = json!({"Fault": {"detail": {"Errors": {"ErrorDetail": {"PrimaryErrorCode": {"Code": "120202"}}}}}});
    bench.fake.script(
        Operation::Buy,
        [Fault::Answers(500, old.clone()), Fault::Answers(400, old), Fault::Answers(400, json!({}))],
    );
    for means in ["unknown", "refused: address", "unknown"] {
        assert_eq!(road(&bench.ups.buy_label(&label(SERVICE, 1)).await), means);
    }
}

#[rstest]
#[case::answer_lost(Fault::LosesAnswer, "unavailable")]
#[case::broken(Fault::Refuses(500, "10001"), "unavailable")]
#[case::unreadable(Fault::Says("?".into()), "unavailable")]
#[case::trouble_of_its_own(Fault::Refuses(400, "10004"), "unavailable")]
#[case::refused(Fault::Refuses(400, "111210"), "refused: request")]
#[case::busy(Fault::Busy("3"), "busy 3")]
#[tokio::test]
async fn a_question_may_be_asked_again(#[case] fault: Fault, #[case] means: &str) {
    let bench = Bench::new().await;
    bench.fake.script(Operation::Rates, [fault]);
    assert_eq!(road(&bench.ups.rates(&question()).await), means);
    assert!(bench.ups.rates(&question()).await.is_ok());
}

#[tokio::test]
async fn a_label_that_was_not_asked_for_may_be_asked_for_again() {
    let bench = Bench::with(|config| config.api_base = NOBODY.to_owned()).await;
    assert_eq!(road(&bench.ups.buy_label(&label(SERVICE, 1)).await), "unavailable");
    let bench = Bench::with(|config| config.client_secret = Secret::new("wrong")).await;
    assert_eq!(road(&bench.ups.buy_label(&label(SERVICE, 1)).await), "refused: account");
    assert_eq!(bench.fake.seen(Operation::Buy), []);
}

#[tokio::test]
async fn a_token_lives_four_hours_though_its_life_is_a_text_and_is_replaced_when_it_ends_before() {
    let bench = Bench::new().await;
    for (minutes, tokens) in [(0, 1), (230, 1), (10, 2)] {
        bench.clock.advance_minutes(minutes);
        bench.ups.rates(&question()).await.unwrap();
        assert_eq!(bench.fake.seen(Operation::Token).len(), tokens, "after {minutes} minutes");
    }
    bench.fake.revoke_tokens();
    bench.bought(1).await;
    assert_eq!((bench.fake.seen(Operation::Token).len(), bench.fake.paid().len()), (3, 1));
    assert_eq!(bench.fake.seen(Operation::Token)[0].headers["x-merchant-id"], oms_fakes::ups::ACCOUNT);
}
