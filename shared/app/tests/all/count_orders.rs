//! How many orders are active, and how many are stuck.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use oms_app::insights::count_orders::{CountOrders, Counted};
use oms_app::ports::{Clock, Line, Metrics, OrderCount, OrderCounts, StoreError};
use oms_domain::ordering::Status;

/// Orders by state and hour of creation.
struct Orders(Vec<(Status, i64)>);

#[async_trait]
impl OrderCounts for Orders {
    async fn count(&self, status: Status, created_before: Option<Timestamp>) -> Result<OrderCount, StoreError> {
        let counts = |hour: i64| created_before.is_none_or(|limit| at(hour) < limit);
        let orders = self.0.iter().filter(|(own, hour)| *own == status && counts(*hour)).count();
        Ok(OrderCount { orders: orders as u64, complete: true })
    }
}

#[derive(Default)]
struct Told(Mutex<Vec<Line>>);

impl Metrics for Told {
    fn emit(&self, line: &Line) {
        self.0.lock().unwrap().push(line.clone());
    }
}

struct At(i64);

impl Clock for At {
    fn now(&self) -> Timestamp {
        at(self.0)
    }
}

fn at(hour: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hour)
}

async fn counted(orders: Vec<(Status, i64)>, now: i64) -> (Counted, Vec<Line>) {
    let told = Arc::new(Told::default());
    let count = CountOrders::new(Arc::new(Orders(orders)), Arc::new(At(now)), told.clone());
    let counted = count.run("run").await.unwrap();
    let lines = told.0.lock().unwrap().clone();
    (counted, lines)
}

#[tokio::test]
async fn p4_what_is_over_is_not_active_and_what_waits_too_long_is_stuck() {
    let orders = vec![
        (Status::Draft, 0),
        (Status::Pending, 99),
        (Status::Confirmed, 10),
        (Status::Processing, 60),
        (Status::Shipped, 0),
        (Status::Delivered, 0),
        (Status::Cancelled, 0),
    ];
    let (counted, lines) = counted(orders, 100).await;
    assert_eq!(counted, Counted { active: 4, stuck: 1 });
    let figures: Vec<(&str, String)> =
        lines[0].figures.iter().map(|figure| (figure.name, figure.value.to_string())).collect();
    assert_eq!(figures, [("active_orders", "4".to_owned()), ("stuck_orders", "1".to_owned())]);
    assert!(lines[0].facts.contains(&("processing", "1".to_owned())));
}

#[tokio::test]
async fn p4_nothing_is_told_of_nothing() {
    assert_eq!(counted(vec![(Status::Delivered, 0)], 100).await, (Counted::default(), vec![]));
}
