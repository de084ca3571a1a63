//! Whatever ends the process, and whenever: what was accepted is finished after the next start, once.

use std::future::Future;
use std::path::Path;
use std::pin::pin;
use std::process::Stdio;
use std::time::Duration;

use oms_local::start::{Options, start};
use oms_local::state::StateLocation;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::answer::Answer;
use crate::app::{Call, Site, User, start_app_in};
use crate::shop::{MUG, cart, text};

/// One request each, of the customer or the shop; every one of them may be repeated.
#[derive(Clone, Copy, Debug)]
enum Step {
    Create,
    OpenPage,
    Pay,
    Process,
    Ship,
    Deliver,
    Cancel,
    Wait,
}

/// What happens to an order, and what its customer is told of it.
struct Course {
    name: &'static str,
    steps: &'static [Step],
    told: &'static [&'static str],
    ends: (&'static str, &'static str),
}

const DELIVERED: Course = Course {
    name: "delivered",
    steps: &[Step::Create, Step::OpenPage, Step::Pay, Step::Process, Step::Ship, Step::Deliver],
    told: &["submitted", "payment_confirmed", "processing_started", "shipped", "delivered"],
    ends: ("delivered", "confirmed"),
};

const REFUNDED: Course = Course {
    name: "cancelled",
    steps: &[Step::Create, Step::OpenPage, Step::Pay, Step::Cancel],
    told: &["submitted", "payment_confirmed", "cancelled", "refund_initiated", "refund_completed"],
    ends: ("cancelled", "refunded"),
};

const PAID_TOO_LATE: Course = Course {
    name: "late",
    steps: &[Step::Create, Step::OpenPage, Step::Cancel, Step::Pay],
    told: &["submitted", "cancelled", "refund_initiated", "refund_completed"],
    ends: ("cancelled", "refunded"),
};

/// The page is closed at the deadline, so that nothing can be paid on it and no payment is waited for.
const NEVER_PAID: Course = Course {
    name: "unpaid",
    steps: &[Step::Create, Step::OpenPage, Step::Wait],
    told: &["submitted", "cancelled"],
    ends: ("cancelled", "none"),
};

/// How far a course has come. It outlives the instance that it began on.
struct Tour {
    name: String,
    course: &'static Course,
    order: Value,
    payment_id: String,
}

impl Tour {
    fn new(course: &'static Course, name: &str) -> Self {
        Tour { name: name.to_owned(), course, order: Value::Null, payment_id: String::new() }
    }

    fn request(&self, site: &Site, (customer, admin): &(User, User), step: Step) -> Call {
        let key = format!("{}-{step:?}", self.name);
        match step {
            Step::Create => customer.creating(&cart(&[(MUG, 1)])).key(&key),
            Step::OpenPage => customer.paying(&self.order).key(&key),
            Step::Pay => site.settling(&self.payment_id, "succeeded"),
            Step::Process => admin.moving(&self.order, "processing").key(&key),
            Step::Ship => admin.moving(&self.order, "shipped").key(&key),
            Step::Deliver => admin.moving(&self.order, "delivered").key(&key),
            Step::Cancel => customer.cancelling(&self.order).key(&key),
            Step::Wait => site.moving_clock(Duration::from_mins(31)),
        }
    }

    #[track_caller]
    fn note(&mut self, step: Step, answer: Answer) {
        let (member, expected) = match step {
            Step::Create => {
                self.order = answer.expect(201);
                return;
            }
            Step::OpenPage => {
                text(&answer.expect(201), "payment_id").clone_into(&mut self.payment_id);
                return;
            }
            Step::Pay => ("status", json!("succeeded")),
            Step::Process => ("status", json!("processing")),
            Step::Ship => ("status", json!("shipped")),
            Step::Deliver => ("status", json!("delivered")),
            Step::Cancel => ("status", json!("cancelled")),
            Step::Wait => ("settled", json!(true)),
        };
        assert_eq!(answer.expect(200)[member], expected);
    }
}

/// Lets everything run for so many rounds of the event loop.
async fn rounds(count: usize) {
    for _ in 0..count {
        tokio::task::yield_now().await;
    }
}

/// Goes on with `work` for so many rounds, and tells what it came to if it came to an end.
async fn for_rounds<T>(work: impl Future<Output = T>, count: usize) -> Option<T> {
    let mut work = pin!(work);
    for _ in 0..count {
        if let std::task::Poll::Ready(result) = futures::poll!(&mut work) {
            return Some(result);
        }
        tokio::task::yield_now().await;
    }
    None
}

/// The customer of a tour, of its own so that no rule about busy customers applies, and somebody of the shop.
async fn people(site: &Site, tour: &Tour) -> (User, User) {
    (site.sign_in(&tour.name, "customer").await, site.sign_in("grace", "admin").await)
}

/// Every order came to its end, and each message was sent once by each channel.
async fn all_is_well(directory: &Path, tours: &[Tour]) {
    let app = start_app_in(directory).await;
    for tour in tours {
        let told = app.messages(&tour.order).await;
        let paid = tour.course.told.contains(&"payment_confirmed");
        let mail_only = |event: &str| match event {
            "submitted" | "payment_failed" | "payment_page_opened" => true,
            event => event == "cancelled" && !paid,
        };
        let channels = |event: &str| if mail_only(event) { &["email"][..] } else { &["email", "sms"] };
        let expected = tour.course.told.iter();
        let expected =
            expected.flat_map(|event| channels(event).iter().map(move |channel| format!("{channel} order.{event}")));
        assert_eq!(told, expected.collect::<Vec<_>>(), "{}", tour.name);
        let order = app.customer(&tour.name).view(&tour.order).await;
        assert_eq!((text(&order, "status"), text(&order["payment"], "status")), tour.course.ends, "{}", tour.name);
    }
    assert_eq!(crate::invariants::everything(&app.oms.parts).await.len(), tours.len(), "one order for each tour");
    app.finish().await;
}

#[tokio::test]
async fn an_orderly_restart_between_all_steps_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let mut tour = Tour::new(&DELIVERED, "restarted");
    for step in DELIVERED.steps {
        let app = start_app_in(directory.path()).await;
        let answer = tour.request(&app, &people(&app, &tour).await, *step).send().await;
        tour.note(*step, answer);
        app.oms.cloud.shutdown().await;
    }
    all_is_well(directory.path(), &[tour]).await;
}

/// Rounds of the event loop between a step's answer and the kill: at once, while the stream is read, while messages
/// are published and sent, and when all is done.
#[tokio::test]
async fn a_kill_after_any_answer_loses_nothing_and_repeats_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let mut tours = Vec::new();
    for (course, pauses) in [
        (&DELIVERED, [0, 300, 2_000, 6_000].as_slice()),
        (&REFUNDED, &[0, 1_000, 4_000]),
        (&PAID_TOO_LATE, &[0, 1_000, 4_000]),
        (&NEVER_PAID, &[0, 1_000, 4_000]),
    ] {
        for &pause in pauses {
            let mut tour = Tour::new(course, &format!("{}-after-{pause}", course.name));
            for step in course.steps {
                let app = start_app_in(directory.path()).await;
                let answer = tour.request(&app, &people(&app, &tour).await, *step).send().await;
                tour.note(*step, answer);
                rounds(pause).await;
                app.kill().await;
            }
            tours.push(tour);
        }
    }
    all_is_well(directory.path(), &tours).await;
}

#[tokio::test]
async fn a_kill_during_any_request_leaves_it_done_or_undone_and_a_repeat_finishes_it() {
    let directory = tempfile::tempdir().unwrap();
    let mut tours = Vec::new();
    let (mut begun, mut interrupted) = (0, 0);
    for (course, moments) in [
        (&DELIVERED, [2, 3, 4, 5, 6].as_slice()),
        (&REFUNDED, &[3, 5]),
        (&PAID_TOO_LATE, &[3, 5]),
        (&NEVER_PAID, &[3, 5]),
    ] {
        for &moment in moments {
            let mut tour = Tour::new(course, &format!("{}-in-{moment}", course.name));
            for step in course.steps {
                let app = start_app_in(directory.path()).await;
                let request = tour.request(&app, &people(&app, &tour).await, *step);
                let answered = for_rounds(request.try_send(), moment).await;
                begun += 1;
                interrupted += usize::from(answered.is_none());
                app.kill().await;
                let app = start_app_in(directory.path()).await;
                let repeated = tour.request(&app, &people(&app, &tour).await, *step).send().await;
                tour.note(*step, repeated);
                app.kill().await;
            }
            tours.push(tour);
        }
    }
    println!("{interrupted} of {begun} requests were interrupted");
    assert!(interrupted * 4 > begun, "hardly any request was interrupted: {interrupted} of {begun}");
    all_is_well(directory.path(), &tours).await;
}

/// Not a test by itself: the process that the next one kills. It serves the directory `state` beneath its own.
#[tokio::test]
#[ignore = "started by the test that kills it"]
async fn serve_until_killed() {
    let state = StateLocation::Directory("state".into());
    let oms =
        start(Options { port: 0, state, template: None, payments: Vec::new(), parameters: Vec::new() }).await.unwrap();
    println!("\nlistening on {}", oms.cloud.base_url());
    // It ends with whoever started it, should that one be killed.
    let _ = tokio::io::stdin().read(&mut [0]).await;
}

/// Starts [`serve_until_killed`] in `directory`.
async fn spawn_in(directory: &Path) -> (Child, Site) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["restart::serve_until_killed", "--exact", "--ignored", "--nocapture"])
        .current_dir(directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    while let Some(line) = lines.next_line().await.unwrap() {
        if let Some(base) = line.strip_prefix("listening on ") {
            return (child, Site::at(base));
        }
    }
    panic!("the process ended before it listened");
}

#[tokio::test]
async fn a_process_killed_at_every_step_finishes_what_it_accepted() {
    let directory = tempfile::tempdir().unwrap();
    let mut tours = Vec::new();
    for (name, moment) in [("soon", 300), ("later", 2_000)] {
        let mut tour = Tour::new(&DELIVERED, name);
        for step in DELIVERED.steps {
            let (mut child, site) = spawn_in(directory.path()).await;
            let who = people(&site, &tour).await;
            for_rounds(tour.request(&site, &who, *step).try_send(), moment).await;
            child.kill().await.unwrap();
            let (mut child, site) = spawn_in(directory.path()).await;
            let answer = tour.request(&site, &people(&site, &tour).await, *step).send().await;
            tour.note(*step, answer);
            child.kill().await.unwrap();
        }
        tours.push(tour);
    }
    all_is_well(&directory.path().join("state"), &tours).await;
}
