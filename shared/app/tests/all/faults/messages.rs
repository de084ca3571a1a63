//! Messages that a service does not take.

use oms_domain::messaging::Channel;
use oms_testkit::memory::MessengerFault;

use crate::shop::Shop;

#[tokio::test]
async fn l1_a_message_that_is_refused_for_good_is_counted_and_a_passing_refusal_is_not() {
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    let event = shop.event(order.id, "order.submitted").await;
    shop.messenger.fail_next(MessengerFault::Transient);
    assert!(shop.notify.run(&event).await.unwrap_err().is_transient());
    assert_eq!(shop.metrics.figures(), [], "it comes again");
    shop.messenger.fail_next(MessengerFault::Permanent);
    shop.notify.run(&event).await.unwrap();
    shop.notify.run(&event).await.unwrap();
    assert_eq!(shop.metrics.figures(), [("messages_refused", "1".to_owned())], "once, however often the event comes");
    let line = shop.metrics.lines().remove(0);
    let fact = |name: &str| line.facts.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
    assert_eq!(fact("channel"), Some(Channel::Email.name()));
    assert!(line.facts.iter().all(|(_, value)| !value.contains('@')), "nobody's address: {line:?}");
}
