use super::*;
use crate::state::{State, StateLocation};

const TOPIC: &str = "arn:aws:sns:local:000000000000:Events.fifo";
const TEMPLATE: &str = r#"
Resources:
  Topic: { Type: AWS::SNS::Topic, Properties: { TopicName: Events.fifo, FifoTopic: true } }
  Loud: { Type: AWS::SNS::Topic, Properties: { TopicName: Loud } }
  Paid: { Type: AWS::SQS::Queue, Properties: { QueueName: Paid.fifo, FifoQueue: true, VisibilityTimeout: 60,
          RedrivePolicy: { deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 2 } } }
  All: { Type: AWS::SQS::Queue, Properties: { QueueName: All.fifo, FifoQueue: true } }
  Dead: { Type: AWS::SQS::Queue, Properties: { QueueName: Dead.fifo, FifoQueue: true } }
  Plain: { Type: AWS::SQS::Queue, Properties: { QueueName: Plain, DelaySeconds: 5, MessageRetentionPeriod: 600 } }
  ToPaid: { Type: AWS::SNS::Subscription, Properties: { TopicArn: !Ref Topic, Protocol: sqs, Endpoint: !GetAtt Paid.Arn,
            RawMessageDelivery: true, FilterPolicy: { type: [{ prefix: "order.paid" }] } } }
  ToAll: { Type: AWS::SNS::Subscription, Properties: { TopicArn: !Ref Topic, Protocol: sqs, Endpoint: !GetAtt All.Arn,
           FilterPolicyScope: MessageBody, FilterPolicy: { amount: [{ numeric: [">", 10] }] } } }
"#;

struct Rig {
    messaging: Messaging,
    clock: Clock,
}

fn rig_on(db: &StateDb, clock: Clock) -> Rig {
    let template = Arc::new(Template::parse("t", TEMPLATE, &[]).unwrap());
    Rig { messaging: Messaging::open(db, &clock, &template).unwrap(), clock }
}

fn rig() -> Rig {
    rig_on(&StateDb::memory().unwrap(), Clock::frozen("2026-01-01T00:00:00Z".parse().unwrap()))
}

impl Rig {
    fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds)).unwrap();
    }

    fn send(&self, group: &str, body: &str) -> String {
        let message =
            Message { body: body.into(), group: Some(group.into()), dedup: Some(body.into()), ..Message::default() };
        self.messaging.send("Paid.fifo", &message).unwrap()
    }

    fn take(&self, queue: &str) -> Vec<Received> {
        self.messaging.receive(queue, 10).unwrap()
    }

    fn bodies(&self, queue: &str) -> Vec<String> {
        self.take(queue).into_iter().map(|message| message.body).collect()
    }

    /// (visible, in flight, delayed)
    fn depth(&self, name: &str) -> (u64, u64, u64) {
        let depths = self.messaging.depths().unwrap();
        let depth = depths.iter().find(|depth| depth.name == name).unwrap();
        (depth.visible, depth.in_flight, depth.delayed)
    }
}

fn event(kind: &str, body: &str, dedup: &str) -> Message {
    Message {
        body: body.into(),
        group: Some("g".into()),
        dedup: Some(dedup.into()),
        attributes: [("type".to_owned(), Attribute::text(kind))].into(),
    }
}

#[test]
fn a_publish_reaches_the_queues_whose_policy_matches() {
    let rig = rig();
    rig.messaging.publish(TOPIC, &event("order.paid", r#"{"amount": 5}"#, "1")).unwrap();
    rig.messaging.publish(TOPIC, &event("order.shipped", r#"{"amount": 50}"#, "2")).unwrap();
    rig.messaging.publish(TOPIC, &event("order.shipped", "not json", "3")).unwrap();
    assert_eq!(rig.bodies("Paid.fifo"), [r#"{"amount": 5}"#]);
    let enveloped = rig.take("All.fifo");
    assert_eq!(enveloped.len(), 1);
    let envelope: serde_json::Value = serde_json::from_str(&enveloped[0].body).unwrap();
    assert_eq!(envelope["Message"], r#"{"amount": 50}"#);
    assert_eq!(envelope["MessageAttributes"]["type"]["Value"], "order.shipped");
    assert!(matches!(rig.messaging.publish("arn:x", &Message::default()), Err(MessagingError::NoTopic(_))));
}

#[test]
fn a_repeat_within_five_minutes_is_dropped() {
    let rig = rig();
    let message = event("order.paid", "{}", "same");
    let first = rig.messaging.publish(TOPIC, &message).unwrap();
    rig.pass(299);
    assert_eq!(rig.messaging.publish(TOPIC, &message).unwrap(), first);
    assert_eq!(rig.depth("Paid.fifo").0, 1);
    rig.pass(1);
    assert_ne!(rig.messaging.publish(TOPIC, &message).unwrap(), first);
    assert_eq!(rig.depth("Paid.fifo").0, 2);
}

#[test]
fn fifo_needs_a_group_and_a_deduplication_id() {
    let rig = rig();
    for message in [Message::default(), Message { group: Some("g".into()), ..Message::default() }] {
        assert!(matches!(rig.messaging.publish(TOPIC, &message), Err(MessagingError::Invalid(_))));
        assert!(matches!(rig.messaging.send("Paid.fifo", &message), Err(MessagingError::Invalid(_))));
    }
}

#[test]
fn a_received_message_is_hidden_until_its_timeout() {
    let rig = rig();
    rig.send("a", "1");
    let first = rig.take("Paid.fifo").remove(0);
    assert_eq!((first.receive_count, rig.depth("Paid.fifo")), (1, (0, 1, 0)));
    rig.pass(59);
    assert!(rig.take("Paid.fifo").is_empty());
    rig.pass(1);
    let second = rig.take("Paid.fifo").remove(0);
    assert_eq!((second.receive_count, &second.message_id), (2, &first.message_id));
    // The first receipt is worth nothing any more.
    rig.messaging.delete("Paid.fifo", &first.receipt).unwrap();
    assert_eq!(rig.depth("Paid.fifo"), (0, 1, 0));
    rig.messaging.delete("Paid.fifo", &second.receipt).unwrap();
    assert_eq!(rig.depth("Paid.fifo"), (0, 0, 0));
}

#[test]
fn a_group_waits_for_its_first_message_and_holds_up_no_other() {
    let rig = rig();
    for (group, body) in [("a", "a1"), ("b", "b1"), ("a", "a2"), ("b", "b2")] {
        rig.send(group, body);
    }
    let first = rig.messaging.receive("Paid.fifo", 1).unwrap().remove(0);
    assert_eq!(first.body, "a1");
    assert_eq!(rig.bodies("Paid.fifo"), ["b1", "b2"]);
    assert!(rig.take("Paid.fifo").is_empty());
    rig.messaging.delete("Paid.fifo", &first.receipt).unwrap();
    assert_eq!(rig.bodies("Paid.fifo"), ["a2"]);
}

#[test]
fn a_message_shown_again_early_still_waits_for_its_group() {
    let rig = rig();
    rig.send("a", "a1");
    rig.send("a", "a2");
    let batch = rig.take("Paid.fifo");
    rig.messaging.change_visibility("Paid.fifo", &batch[0].receipt, Duration::ZERO).unwrap();
    assert!(rig.take("Paid.fifo").is_empty(), "a2 is in flight");
    rig.messaging.delete("Paid.fifo", &batch[1].receipt).unwrap();
    assert_eq!(rig.bodies("Paid.fifo"), ["a1"]);
}

#[test]
fn poison_moves_to_the_dead_letter_queue_and_back() {
    let rig = rig();
    let id = rig.send("a", "poison");
    rig.send("a", "next");
    for _ in 0..2 {
        assert_eq!(rig.bodies("Paid.fifo"), ["poison", "next"]);
        rig.pass(60);
    }
    assert!(rig.take("Paid.fifo").is_empty());
    assert_eq!(rig.depth("Dead.fifo"), (2, 0, 0));
    assert_eq!(rig.messaging.redrive("Dead.fifo").unwrap(), 2);
    let back = rig.take("Paid.fifo");
    assert_eq!((back[0].message_id.clone(), back[0].receive_count), (id, 1));
    assert!(rig.messaging.redrive("Paid.fifo").is_err());
}

#[test]
fn a_standard_queue_delays_and_forgets() {
    let rig = rig();
    for body in ["1", "2"] {
        rig.messaging.send("Plain", &Message { body: body.into(), ..Message::default() }).unwrap();
    }
    assert_eq!(rig.depth("Plain"), (0, 0, 2));
    assert_eq!(rig.messaging.next_visible("Plain").unwrap().unwrap().as_millisecond(), rig.clock.now_ms() + 5000);
    rig.pass(5);
    assert_eq!(rig.bodies("Plain"), ["1", "2"]);
    rig.pass(595);
    assert!(rig.take("Plain").is_empty());
    assert_eq!(rig.depth("Plain"), (0, 0, 0));
}

#[test]
fn one_receive_gives_at_most_ten() {
    let rig = rig();
    for number in 0..12 {
        rig.send("a", &number.to_string());
    }
    assert_eq!(rig.messaging.receive("Paid.fifo", 100).unwrap().len(), MAX_RECEIVE);
}

#[test]
fn held_messages_outlast_a_jump_of_the_clock_and_come_back_after_a_kill() {
    let directory = tempfile::tempdir().unwrap();
    let location = StateLocation::Directory(directory.path().to_owned());
    let clock = Clock::frozen("2026-01-01T00:00:00Z".parse().unwrap());
    let state = State::open(&location).unwrap();
    let rig = rig_on(&state.db, clock.clone());
    for body in ["done", "held", "waiting"] {
        rig.send(body, body);
    }
    let done = rig.messaging.hold("Paid.fifo", 10).unwrap().remove(0);
    let held = rig.messaging.hold("Paid.fifo", 10).unwrap().remove(0);
    rig.messaging.settle("Paid.fifo", &[&done.receipt], &[]).unwrap();
    rig.pass(3600);
    assert_eq!(rig.bodies("Paid.fifo"), ["waiting"], "what is held is nobody else's");
    state.db.close();

    let state = State::open(&location).unwrap();
    let rig = rig_on(&state.db, clock);
    let again = rig.take("Paid.fifo").remove(0);
    assert_eq!((again.body.as_str(), again.receive_count, again.message_id), ("held", 1, held.message_id));
    assert!(rig.take("Paid.fifo").is_empty(), "what was received without being held waits out its timeout");
}
