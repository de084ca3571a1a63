//! The Lambda Runtime API: starts functions as processes and gives them requests, one at a time each.
//!
//! Every instance has an address of its own. Instances of a pool take requests from one queue, so what is too much for
//! them waits here, where Lambda would start more instances.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::serve::ListenerExt as _;
use tokio::process::{Child, Command};
use tokio::sync::{mpsc, oneshot, watch};

use crate::{Fail, clock, process};

/// Longest time that a function may need from its start to its first poll.
const START_TIMEOUT_SECONDS: u64 = 20;

/// What a function may take for one request, in milliseconds; told to it as its deadline.
const DEADLINE_MILLIS: i64 = 30_000;

const API: &str = "/2018-06-01/runtime";

/// A binary with all that Lambda would put into its environment.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    /// The package's name.
    pub(crate) name: String,
    /// Where the binary is.
    pub(crate) path: PathBuf,
    /// For the binary itself; Lambda gives none.
    pub(crate) arguments: Vec<String>,
    /// Variables beside those of the runtime.
    pub(crate) environment: Vec<(String, String)>,
}

/// A request on its way.
struct Job {
    event: Bytes,
    answer: oneshot::Sender<Result<Bytes, String>>,
}

/// What the instances of a pool share.
struct Queue {
    jobs: tokio::sync::Mutex<mpsc::UnboundedReceiver<Job>>,
    /// Instances that have polled and wait for a request.
    idle: watch::Sender<usize>,
}

/// An instance as its address knows it.
struct Desk {
    queue: Arc<Queue>,
    pid: OnceLock<u32>,
    first_poll: watch::Sender<Option<(Instant, u64)>>,
    failure: Mutex<Option<String>>,
    open: Mutex<HashMap<String, oneshot::Sender<Result<Bytes, String>>>>,
}

/// Counts an instance as idle while it waits, also when its connection is cut.
struct Idle<'a>(&'a watch::Sender<usize>);

impl<'a> Idle<'a> {
    fn begin(count: &'a watch::Sender<usize>) -> Self {
        count.send_modify(|idle| *idle += 1);
        Idle(count)
    }
}

impl Drop for Idle<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|idle| *idle = idle.saturating_sub(1));
    }
}

/// A running process.
pub(crate) struct Instance {
    child: Child,
    pid: u32,
    /// From the start of the process to its first poll.
    pub(crate) start_wall: Duration,
    /// Processor time until then, in nanoseconds.
    pub(crate) start_cpu_nanos: u64,
}

impl Instance {
    /// Processor time so far, in nanoseconds.
    pub(crate) fn cpu_nanos(&self) -> u64 {
        process::cpu_nanos(self.pid)
    }

    /// Largest memory so far, in KiB.
    pub(crate) fn peak_kib(&self) -> Result<u64, Fail> {
        process::peak_kib(self.pid)
    }
}

/// Instances of one function.
pub(crate) struct Pool {
    name: String,
    jobs: mpsc::UnboundedSender<Job>,
    idle: watch::Receiver<usize>,
    /// The processes.
    pub(crate) instances: Vec<Instance>,
}

impl Pool {
    /// Starts so many instances, one after the other, and waits until each has polled.
    pub(crate) async fn start(program: &Program, instances: usize) -> Result<Pool, Fail> {
        let (jobs, receiver) = mpsc::unbounded_channel();
        let queue = Arc::new(Queue { jobs: tokio::sync::Mutex::new(receiver), idle: watch::Sender::new(0) });
        let mut pool = Pool { name: program.name.clone(), jobs, idle: queue.idle.subscribe(), instances: Vec::new() };
        for _ in 0..instances {
            pool.instances.push(start(program, &queue).await?);
        }
        Ok(pool)
    }

    /// Hands an event to the next free instance and waits for its answer.
    pub(crate) async fn invoke(&self, event: Bytes) -> Result<Bytes, Fail> {
        let (answer, answered) = oneshot::channel();
        self.jobs.send(Job { event, answer }).map_err(|_| format!("{} is gone", self.name))?;
        let answer = answered.await.map_err(|_| format!("{} never answered", self.name))?;
        answer.map_err(|error| format!("{} failed: {error}", self.name).into())
    }

    /// Waits until an instance waits, as one does on Lambda before a request comes; then the same, with its time.
    pub(crate) async fn timed(&self, event: Bytes) -> Result<(Bytes, Duration), Fail> {
        self.rested().await?;
        let began = clock::now();
        let answer = self.invoke(event).await?;
        Ok((answer, began.elapsed()))
    }

    /// Waits until an instance waits.
    pub(crate) async fn rested(&self) -> Result<(), Fail> {
        self.idle.clone().wait_for(|idle| *idle > 0).await?;
        Ok(())
    }

    /// Processor time of all instances so far, in nanoseconds.
    pub(crate) fn cpu_nanos(&self) -> u64 {
        self.instances.iter().map(Instance::cpu_nanos).sum()
    }

    /// Ends the processes.
    pub(crate) async fn stop(mut self) -> Result<(), Fail> {
        for instance in &mut self.instances {
            instance.child.kill().await?;
        }
        Ok(())
    }
}

async fn start(program: &Program, queue: &Arc<Queue>) -> Result<Instance, Fail> {
    let (address, desk) = open_desk(queue).await?;
    let mut command = Command::new(&program.path);
    command.args(&program.arguments).env_clear().envs(program.environment.iter().map(|(name, value)| (name, value)));
    command.env("AWS_LAMBDA_RUNTIME_API", address).env("AWS_LAMBDA_FUNCTION_NAME", &program.name);
    command.env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST").env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256");
    command.env("AWS_LAMBDA_LOG_GROUP_NAME", "bench").env("AWS_LAMBDA_LOG_STREAM_NAME", "bench");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    let began = clock::now();
    let child = command.spawn().map_err(|error| format!("{} does not start: {error}", program.path.display()))?;
    let pid = child.id().ok_or("a process without an id")?;
    let _ = desk.pid.set(pid);
    let mut polled = desk.first_poll.subscribe();
    let waited = tokio::time::timeout(Duration::from_secs(START_TIMEOUT_SECONDS), polled.wait_for(Option::is_some));
    let first = waited.await.ok().and_then(Result::ok).and_then(|first| *first);
    let Some((at, start_cpu_nanos)) = first else {
        let told = locked(&desk.failure).take().unwrap_or_else(|| "it never polled".to_owned());
        return Err(format!("{} did not start: {told}", program.name).into());
    };
    Ok(Instance { child, pid, start_wall: at.saturating_duration_since(began), start_cpu_nanos })
}

async fn open_desk(queue: &Arc<Queue>) -> Result<(String, Arc<Desk>), Fail> {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?.to_string();
    let desk = Arc::new(Desk {
        queue: queue.clone(),
        pid: OnceLock::new(),
        first_poll: watch::Sender::new(None),
        failure: Mutex::default(),
        open: Mutex::default(),
    });
    let routes = Router::new()
        .route(&format!("{API}/invocation/next"), get(next))
        .route(&format!("{API}/invocation/{{id}}/response"), post(response))
        .route(&format!("{API}/invocation/{{id}}/error"), post(error))
        .route(&format!("{API}/init/error"), post(init_error))
        .with_state(desk.clone());
    let listener = listener.tap_io(|connection| drop(connection.set_nodelay(true)));
    tokio::spawn(async move { axum::serve(listener, routes).await });
    Ok((address, desk))
}

async fn next(State(desk): State<Arc<Desk>>) -> Response {
    if desk.first_poll.borrow().is_none() {
        let at = clock::now();
        let cpu = desk.pid.get().map_or(0, |pid| process::cpu_nanos(*pid));
        desk.first_poll.send_replace(Some((at, cpu)));
    }
    let job = {
        let _idle = Idle::begin(&desk.queue.idle);
        desk.queue.jobs.lock().await.recv().await
    };
    let Some(job) = job else { return StatusCode::GONE.into_response() };
    let id = uuid::Uuid::from_u128(rand_id()).to_string();
    locked(&desk.open).insert(id.clone(), job.answer);
    let deadline = clock::date().as_millisecond() + DEADLINE_MILLIS;
    let headers = [
        ("lambda-runtime-aws-request-id", id),
        ("lambda-runtime-deadline-ms", deadline.to_string()),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-central-1:123456789012:function:bench".to_owned()),
        ("lambda-runtime-trace-id", "Root=1-65a1b2c3-0123456789abcdef01234567;Sampled=0".to_owned()),
        ("content-type", "application/json".to_owned()),
    ];
    (headers, job.event).into_response()
}

/// Ids of requests need only differ.
fn rand_id() -> u128 {
    use std::sync::atomic::{AtomicU64, Ordering};
    static LAST: AtomicU64 = AtomicU64::new(0);
    u128::from(LAST.fetch_add(1, Ordering::Relaxed)) | (0x8a3c_60f7_d8f4_4be5 << 64)
}

async fn response(State(desk): State<Arc<Desk>>, Path(id): Path<String>, body: Bytes) -> StatusCode {
    settle(&desk, &id, Ok(body))
}

async fn error(State(desk): State<Arc<Desk>>, Path(id): Path<String>, body: Bytes) -> StatusCode {
    settle(&desk, &id, Err(String::from_utf8_lossy(&body).into_owned()))
}

async fn init_error(State(desk): State<Arc<Desk>>, body: Bytes) -> StatusCode {
    *locked(&desk.failure) = Some(String::from_utf8_lossy(&body).into_owned());
    StatusCode::ACCEPTED
}

fn settle(desk: &Desk, id: &str, outcome: Result<Bytes, String>) -> StatusCode {
    let Some(answer) = locked(&desk.open).remove(id) else { return StatusCode::BAD_REQUEST };
    // Whoever asked may have stopped waiting.
    let _ = answer.send(outcome);
    StatusCode::ACCEPTED
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A pool without processes: the test plays the function.
    async fn played() -> (Pool, String) {
        let (jobs, receiver) = mpsc::unbounded_channel();
        let queue = Arc::new(Queue { jobs: tokio::sync::Mutex::new(receiver), idle: watch::Sender::new(0) });
        let idle = queue.idle.subscribe();
        let (address, _) = open_desk(&queue).await.unwrap();
        (Pool { name: "played".into(), jobs, idle, instances: Vec::new() }, format!("http://{address}{API}"))
    }

    #[tokio::test]
    async fn a_request_is_handed_over_by_a_poll_and_answered_under_its_id() {
        let (pool, api) = played().await;
        let function = tokio::spawn(async move {
            let client = reqwest::Client::new();
            let next = client.get(format!("{api}/invocation/next")).send().await.unwrap();
            let id = next.headers()["lambda-runtime-aws-request-id"].to_str().unwrap().to_owned();
            assert_eq!(next.text().await.unwrap(), "hello");
            let answer = client.post(format!("{api}/invocation/{id}/response")).body("world");
            assert_eq!(answer.send().await.unwrap().status(), 202);
            let again = client.post(format!("{api}/invocation/{id}/response")).body("world");
            assert_eq!(again.send().await.unwrap().status(), 400, "a request is answered once");
        });
        let (answer, _) = pool.timed(Bytes::from_static(b"hello")).await.unwrap();
        assert_eq!(answer, "world");
        function.await.unwrap();
    }

    #[tokio::test]
    async fn what_a_function_reports_as_its_error_is_the_outcome() {
        let (pool, api) = played().await;
        tokio::spawn(async move {
            let client = reqwest::Client::new();
            let next = client.get(format!("{api}/invocation/next")).send().await.unwrap();
            let id = next.headers()["lambda-runtime-aws-request-id"].to_str().unwrap().to_owned();
            let answer = client.post(format!("{api}/invocation/{id}/error")).body(r#"{"errorMessage":"no"}"#);
            answer.send().await.unwrap();
        });
        let failure = pool.invoke(Bytes::new()).await.unwrap_err().to_string();
        assert!(failure.contains("errorMessage"), "{failure}");
    }
}
