//! What fails, and what that means for a label and for a question, at both divisions.

use oms_app::ports::{Carrier as _, Tracker as _};
use oms_carriers::Secret;
use oms_fakes::dhl::{Fault, Operation};
use rstest::rstest;
use serde_json::json;

use crate::bench::{Bench, SERVICE};
use crate::story::{NOBODY, label, road, tracked};

#[rstest]
#[case::answer_lost(Fault::LosesAnswer, "unknown", 1)]
#[case::answer_late(Fault::NeverAnswers, "unknown", 1)]
#[case::request_lost(Fault::LosesRequest, "unknown", 0)]
#[case::broken(Fault::Refuses(500, "500"), "unknown", 0)]
#[case::somebody_between_us(Fault::Breaks(502), "unknown", 0)]
#[case::a_no_of_somebody_between_us(Fault::Breaks(400), "unknown", 0)]
#[case::unreadable(Fault::Misreports("?".into()), "unknown", 1)]
#[case::empty(Fault::Misreports(json!({})), "unknown", 1)]
#[case::refused(Fault::Refuses(422, "998"), "refused: request", 0)]
#[case::unauthorised(Fault::Refuses(401, "401"), "refused: account", 0)]
#[case::busy(Fault::Busy("17"), "busy 17", 0)]
#[tokio::test]
async fn a_purchase_is_never_repeated_and_is_only_known_when_dhl_says_so(
    #[case] fault: Fault,
    #[case] means: &str,
    #[case] paid: usize,
    #[values(SERVICE, "U")] service: &str,
) {
    let bench = Bench::impatient().await;
    bench.fake.script(Operation::Buy, [fault]);
    assert_eq!(road(&bench.dhl.buy_label(&label(service, 1)).await), means);
    assert_eq!((bench.fake.seen(Operation::Buy).len(), bench.fake.paid().len()), (1, paid));
}

#[rstest]
#[case::answer_lost(Fault::LosesAnswer, "unavailable")]
#[case::broken(Fault::Refuses(500, "500"), "unavailable")]
#[case::unreadable(Fault::Says("?".into()), "unavailable")]
#[case::refused(Fault::Refuses(400, "400"), "refused: request")]
#[case::busy_as_the_free_plan_soon_is(Fault::Busy("3"), "busy 3")]
#[tokio::test]
async fn a_question_may_be_asked_again(#[case] fault: Fault, #[case] means: &str) {
    let bench = Bench::new().await;
    bench.fake.script(Operation::Track, [fault]);
    assert_eq!(road(&bench.dhl.track(&[tracked("00340434161094042557")]).await), means);
    assert!(bench.dhl.track(&[tracked("00340434161094042557")]).await.is_ok());
}

#[tokio::test]
async fn a_label_that_was_not_asked_for_may_be_asked_for_again() {
    let bench = Bench::with(|config| {
        config.parcel.as_mut().unwrap().api_base = NOBODY.to_owned();
        config.express.as_mut().unwrap().password = Secret::new("wrong password");
    })
    .await;
    assert_eq!(road(&bench.dhl.buy_label(&label(SERVICE, 1)).await), "unavailable");
    assert_eq!(road(&bench.dhl.buy_label(&label("U", 1)).await), "refused: account");
    assert_eq!(bench.fake.labels(), []);
}

#[tokio::test]
async fn keys_are_not_shown() {
    let mut shown = String::new();
    Bench::with(|config| shown = format!("{config:?}")).await;
    for secret in [oms_fakes::dhl::API_KEY, oms_fakes::dhl::PASSWORD, oms_fakes::dhl::TOKEN] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
