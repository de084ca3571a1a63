//! Dead letters go back, wherever they came from.

use std::sync::{Arc, Mutex};

use jiff::SignedDuration;
use oms_adapters::dynamodb::{DynamoOrders, DynamoOutbox, Tables};
use oms_app::platform::catch_up::CaughtUp;
use oms_app::ports::{Marker, Orders as _, Outbox as _};
use oms_ops::cli::Cli;
use oms_ops::queue::{self, Queue};
use oms_ops::stack::Stack;
use oms_ops::{OpsError, stream};
use oms_testkit::builders::{a_product, an_order, order_id, rates};
use oms_testkit::store::{CATALOG, EmbeddedDynamo, ORDERS};
use oms_testkit::{SeededRandom, start};
use serde_json::{Value, json};

/// Answers as the AWS CLI does for a stack `shop`, and remembers what it was asked.
#[derive(Default)]
pub(super) struct Imitation {
    letters: u64,
    asked: Mutex<Vec<String>>,
}

impl Imitation {
    fn changes(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        asked.iter().filter(|command| !command.contains("describe-") && !command.contains("get-")).cloned().collect()
    }
}

impl Cli for Imitation {
    fn call(&self, arguments: &[&str]) -> Result<Value, OpsError> {
        self.asked.lock().unwrap().push(arguments.join(" "));
        let output = |name: &str, value: String| json!({ "OutputKey": name, "OutputValue": value });
        let url = |name: &str| format!("https://sqs.eu-central-1.amazonaws.com/123456789012/{name}");
        Ok(match arguments {
            ["cloudformation", "describe-stacks", ..] => {
                let queues = Queue::ALL.map(Queue::name).into_iter().flat_map(|name| {
                    let plain = name.to_lowercase();
                    [
                        output(&format!("{name}QueueUrl"), url(&format!("shop-{plain}.fifo"))),
                        output(&format!("{name}DeadLettersUrl"), url(&format!("shop-{plain}-dead-letters.fifo"))),
                    ]
                });
                let others = [
                    output("RelayDeadLettersUrl", url("shop-relay-dead-letters")),
                    output("OrdersTableName", ORDERS.name.to_owned()),
                    output("CatalogTableName", CATALOG.name.to_owned()),
                ];
                let outputs: Vec<Value> = queues.chain(others).collect();
                let id = "arn:aws:cloudformation:eu-central-1:123456789012:stack/shop/1";
                json!({ "Stacks": [{ "StackId": id, "Outputs": outputs }] })
            }
            ["sqs", "get-queue-attributes", "--queue-url", url, ..] => {
                let name = url.rsplit('/').next().unwrap();
                let attributes = json!({
                    "QueueArn": format!("arn:aws:sqs:eu-central-1:123456789012:{name}"),
                    "ApproximateNumberOfMessages": self.letters.to_string(),
                });
                json!({ "Attributes": attributes })
            }
            _ => Value::Null,
        })
    }
}

#[test]
fn l5_letters_go_to_their_queue_also_if_a_topic_put_them_there() {
    for queue in Queue::ALL {
        let cli = Imitation { letters: 3, ..Imitation::default() };
        let stack = Stack::read(&cli, "shop").unwrap();
        assert_eq!(queue::redrive(&cli, &stack, queue).unwrap(), 3);
        let (arn, name) = ("arn:aws:sqs:eu-central-1:123456789012:shop", queue.name().to_lowercase());
        let moved = format!(
            "sqs start-message-move-task --source-arn {arn}-{name}-dead-letters.fifo --destination-arn {arn}-{name}.fifo"
        );
        assert_eq!(cli.changes(), [moved]);
    }
}

/// Every queue of the template with letters of its own can be driven again.
#[test]
fn l5_no_queue_of_the_template_is_forgotten() {
    let template = include_str!("../../../../../template.yaml");
    let ending = "DeadLettersUrl:";
    let named = template.lines().filter_map(|line| line.trim().strip_suffix(ending));
    let mut queues: Vec<&str> = named.filter(|name| template.contains(&format!("  {name}QueueUrl:\n"))).collect();
    queues.sort_unstable();
    let mut known = Queue::ALL.map(Queue::name);
    known.sort_unstable();
    assert_eq!(queues, known);
}

#[test]
fn l5_where_there_are_no_letters_nothing_is_moved() {
    let cli = Imitation::default();
    let stack = Stack::read(&cli, "shop").unwrap();
    assert_eq!(stack.region, "eu-central-1");
    assert_eq!(queue::redrive(&cli, &stack, Queue::Refund).unwrap(), 0);
    assert_eq!(cli.changes(), [""; 0]);
    assert!(stack.output("TeaUrl").unwrap_err().to_string().contains("no output TeaUrl"));
}

#[tokio::test]
async fn l4_what_the_stream_lost_is_found_without_its_letters() {
    let store = EmbeddedDynamo::start().await;
    let tables = Tables { orders: ORDERS.name.into(), catalog: CATALOG.name.into() };
    let orders = DynamoOrders::new(store.client.clone(), tables.clone(), Arc::new(SeededRandom::default()));
    let outbox = DynamoOutbox::new(store.client.clone(), tables.clone());
    let catalog = oms_adapters::dynamodb::DynamoCatalog::new(store.client.clone(), tables);
    oms_app::ports::Catalog::set_rates(&catalog, &rates()).await.unwrap();
    let mug = a_product(1).build();
    oms_app::ports::Catalog::add(&catalog, &mug).await.unwrap();
    for number in 1..=3 {
        orders.commit(&an_order(number).of(&mug, 1).commit()).await.unwrap();
    }
    let marker = |number, published| Marker { order_id: order_id(number), published, look_at: None };
    // The first was published, of the second one event, of the third nothing.
    outbox.mark(&[marker(1, 2), marker(2, 1)]).await.unwrap();
    let cli = Imitation::default();
    let stack = Stack::read(&cli, "shop").unwrap();
    let caught_up = async |since| stream::redrive(&cli, &stack, store.client.clone(), since).await.unwrap();
    assert_eq!(caught_up(start() + SignedDuration::from_secs(1)).await, CaughtUp::default());
    assert_eq!(caught_up(start()).await, CaughtUp { looked: 3, behind: 2 });
    let now = oms_app::ports::Clock::now(&oms_adapters::clock::SystemClock);
    let mut waiting = outbox.unpublished(now, 10).await.unwrap();
    waiting.sort_unstable();
    assert_eq!(waiting, [order_id(2), order_id(3)]);
    let published = outbox.published(&[order_id(2), order_id(3)]).await.unwrap();
    assert_eq!((published[&order_id(2)], published[&order_id(3)]), (1, 0));
    assert!(cli.changes().iter().all(|command| command.starts_with("sqs purge-queue") && command.contains("relay")));
}
