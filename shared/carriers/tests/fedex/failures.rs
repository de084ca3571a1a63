//! What fails, and what that means for a label and for a question.

use oms_app::ports::{Carrier as _, Tracker as _};
use oms_carriers::Secret;
use oms_fakes::fedex::{Fault, Operation};
use rstest::rstest;
use serde_json::json;

use crate::bench::{Bench, SERVICE};
use crate::story::{NOBODY, label, question, road, tracked};

#[rstest]
#[case::answer_lost(Fault::LosesAnswer, "unknown", 1)]
#[case::answer_late(Fault::NeverAnswers, "unknown", 1)]
#[case::request_lost(Fault::LosesRequest, "unknown", 0)]
#[case::broken(Fault::Refuses(500, "INTERNAL.SERVER.ERROR"), "unknown", 0)]
#[case::overloaded(Fault::Refuses(503, "SERVICE.UNAVAILABLE.ERROR"), "unknown", 0)]
#[case::trouble_with_200(Fault::Says(json!({"errors": [{"code": "SERVICE.UNAVAILABLE.ERROR"}]})), "unknown", 0)]
#[case::somebody_between_us(Fault::Breaks(502), "unknown", 0)]
#[case::a_no_of_somebody_between_us(Fault::Breaks(400), "unknown", 0)]
#[case::gave_up(Fault::Refuses(408, "TIMEOUT"), "unknown", 0)]
#[case::sent_elsewhere(Fault::Breaks(302), "unknown", 0)]
#[case::address(Fault::Refuses(400, "RECIPIENT.POSTALCODE.INVALID"), "refused: address", 0)]
#[case::request(Fault::Refuses(422, "SERVICETYPE.NOT.ALLOWED"), "refused: request", 0)]
#[case::account(Fault::Refuses(400, "ACCOUNTNUMBER.REGISTRATION.REQUIRED"), "refused: account", 0)]
#[case::rights(Fault::Refuses(403, "FORBIDDEN.ERROR"), "refused: account", 0)]
#[case::busy(Fault::Busy("17"), "busy 17", 0)]
#[case::busy_for_ever(Fault::Busy("100000"), "busy 240", 0)]
#[case::busy_without_a_word(Fault::Busy("soon"), "busy 10", 0)]
#[tokio::test]
async fn a_purchase_is_never_repeated_and_is_only_known_when_fedex_says_so(
    #[case] fault: Fault,
    #[case] means: &str,
    #[case] paid: usize,
) {
    let bench = Bench::impatient().await;
    bench.fake.script(Operation::Buy, [fault]);
    assert_eq!(road(&bench.fedex.buy_label(&label(SERVICE, 1)).await), means);
    assert_eq!((bench.fake.seen(Operation::Buy).len(), bench.fake.paid().len()), (1, paid));
}

#[rstest]
#[case::answer_lost(Fault::LosesAnswer, "unavailable")]
#[case::answer_late(Fault::NeverAnswers, "unavailable")]
#[case::broken(Fault::Refuses(500, "INTERNAL.SERVER.ERROR"), "unavailable")]
#[case::somebody_between_us(Fault::Breaks(502), "unavailable")]
#[case::unreadable(Fault::Says("?".into()), "unavailable")]
#[case::refused(Fault::Refuses(400, "SERVICE.INVALID"), "refused: request")]
#[case::busy(Fault::Busy("3"), "busy 3")]
#[tokio::test]
async fn a_question_may_be_asked_again(#[case] fault: Fault, #[case] means: &str) {
    let bench = Bench::impatient().await;
    bench.fake.script(Operation::Rates, [fault.clone()]);
    assert_eq!(road(&bench.fedex.rates(&question()).await), means);
    bench.fake.script(Operation::Track, [fault]);
    assert_eq!(road(&bench.fedex.track(&[tracked("794600000001")]).await), means);
    assert!(bench.fedex.rates(&question()).await.is_ok());
}

#[tokio::test]
async fn a_label_that_was_not_asked_for_may_be_asked_for_again() {
    let bench = Bench::with(|config| config.api_base = NOBODY.to_owned()).await;
    assert_eq!(road(&bench.fedex.buy_label(&label(SERVICE, 1)).await), "unavailable");
}

#[tokio::test]
async fn an_answer_that_is_compressed_unasked_is_read() {
    let bench = Bench::new().await;
    bench.fake.script(Operation::Buy, [Fault::Packs]);
    bench.fake.script(Operation::Token, [Fault::Packs]);
    assert_eq!(bench.bought(1).await.documents.len(), 1);
}

#[tokio::test]
async fn neither_people_nor_keys_are_in_what_is_shown() {
    let bench = Bench::with(|config| config.client_secret = Secret::new("a secret")).await;
    assert_eq!(road(&bench.fedex.rates(&question()).await), "refused: account");
    let config = oms_carriers::fedex::FedExConfig::live("id", Secret::new("a secret"), "1");
    assert!(!format!("{config:?}").contains("a secret"));
    assert!(!format!("{:?}", label(SERVICE, 1)).contains("Ada"));
}
