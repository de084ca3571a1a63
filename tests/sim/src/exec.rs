//! One thread, one seed, virtual time: decides what runs next, and when.
//!
//! A task waits for a time or for another task. Whatever is due is run in the order of time; what is due at the same
//! millisecond in an order drawn from the seed. Nothing here depends on the machine, so a seed always tells the same story.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use futures::channel::oneshot;
use jiff::{SignedDuration, Timestamp};
use oms_testkit::SeededRandom;
use oms_testkit::start;

type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Virtual milliseconds since the story began.
pub(crate) type Millis = i64;

/// One second.
pub(crate) const SECOND: Millis = 1_000;

/// One minute.
pub(crate) const MINUTE: Millis = 60 * SECOND;

/// A task in the queue of what is due: by time, then by lot.
type Due = Reverse<(Millis, u64, u64)>;

struct Inner {
    now: Millis,
    due: BinaryHeap<Due>,
    timers: HashMap<u64, Timer>,
    spawned: Vec<(u64, Task, Option<Millis>)>,
    next_id: u64,
    current: u64,
    doomed: bool,
    steps: u64,
}

enum Timer {
    Rings(Arc<AtomicBool>, Waker),
    Runs(u64),
}

/// The scheduler. Clones are the same one.
#[derive(Clone)]
pub(crate) struct Sim {
    inner: Arc<Mutex<Inner>>,
    woken: Arc<Mutex<Vec<u64>>>,
    /// Everybody who has begun and not ended, between two runs.
    resting: Arc<Mutex<HashMap<u64, Running>>>,
    lots: SeededRandom,
}

struct TaskWaker {
    id: u64,
    woken: Arc<Mutex<Vec<u64>>>,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        self.woken.lock().unwrap_or_else(PoisonError::into_inner).push(self.id);
    }
}

struct Running {
    task: Task,
    waker: Waker,
    /// When the platform ends it.
    deadline: Option<Millis>,
}

impl Sim {
    pub(crate) fn new(seed: u64) -> Self {
        let inner = Inner {
            now: 0,
            due: BinaryHeap::new(),
            timers: HashMap::new(),
            spawned: Vec::new(),
            next_id: 0,
            current: 0,
            doomed: false,
            steps: 0,
        };
        let (woken, resting) = (Arc::default(), Arc::default());
        Sim { inner: Arc::new(Mutex::new(inner)), woken, resting, lots: SeededRandom::new(seed) }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn now(&self) -> Millis {
        self.inner().now
    }

    /// The time of the world, without anybody's skew.
    pub(crate) fn time(&self) -> Timestamp {
        start() + SignedDuration::from_millis(self.now())
    }

    /// How many times a task was run.
    pub(crate) fn steps(&self) -> u64 {
        self.inner().steps
    }

    /// Runs beside everything else.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.begin(Box::pin(task), None);
    }

    /// Runs beside everything else, and is ended when its time is over. Nothing comes back from one that was ended.
    pub(crate) fn spawn_within<T: Send + 'static>(
        &self,
        limit: Millis,
        task: impl Future<Output = T> + Send + 'static,
    ) -> oneshot::Receiver<T> {
        let (tell, told) = oneshot::channel();
        let deadline = self.now() + limit;
        let run = async move {
            let _ = tell.send(task.await);
        };
        self.begin(Box::pin(run), Some(deadline));
        told
    }

    fn begin(&self, task: Task, deadline: Option<Millis>) {
        let mut inner = self.inner();
        let id = inner.id();
        inner.spawned.push((id, task, deadline));
        let (lot, at) = (self.lots.next_u64(), inner.now);
        inner.rings(at, lot, Timer::Runs(id));
        if let Some(deadline) = deadline {
            let lot = self.lots.next_u64();
            inner.rings(deadline, lot, Timer::Runs(id));
        }
    }

    /// Waits so long; others run meanwhile.
    pub(crate) fn sleep(&self, by: Millis) -> Sleep {
        Sleep { sim: self.clone(), until: self.now() + by.max(0), rung: None }
    }

    /// The process that runs now dies here: what it was about to do is never done.
    pub(crate) async fn die(&self) {
        self.inner().doomed = true;
        futures::future::pending::<()>().await;
    }

    /// Runs until the given time, or until nothing is left to do.
    pub(crate) fn run_until(&self, end: Millis) {
        let mut tasks = std::mem::take(&mut *self.resting.lock().unwrap_or_else(PoisonError::into_inner));
        loop {
            self.collect(&mut tasks);
            let Some(id) = self.next(end) else { break };
            let Some(running) = tasks.get_mut(&id) else { continue };
            if running.deadline.is_some_and(|deadline| self.now() >= deadline) {
                tasks.remove(&id);
                continue;
            }
            let waker = running.waker.clone();
            let done = running.task.as_mut().poll(&mut Context::from_waker(&waker)).is_ready();
            let doomed = std::mem::take(&mut self.inner().doomed);
            if done || doomed {
                // Its destructors may wake or spawn others.
                drop(tasks.remove(&id));
            }
        }
        self.inner().now = end;
        *self.resting.lock().unwrap_or_else(PoisonError::into_inner) = tasks;
    }

    /// Everybody goes home; what they were about to do is never done.
    pub(crate) fn end(&self) {
        let tasks = std::mem::take(&mut *self.resting.lock().unwrap_or_else(PoisonError::into_inner));
        drop(tasks);
        let spawned = std::mem::take(&mut self.inner().spawned);
        drop(spawned);
    }

    /// New tasks, and those that others woke.
    fn collect(&self, tasks: &mut HashMap<u64, Running>) {
        for (id, task, deadline) in std::mem::take(&mut self.inner().spawned) {
            let waker = Waker::from(Arc::new(TaskWaker { id, woken: self.woken.clone() }));
            tasks.insert(id, Running { task, waker, deadline });
        }
        let woken = std::mem::take(&mut *self.woken.lock().unwrap_or_else(PoisonError::into_inner));
        for id in woken {
            let lot = self.lots.next_u64();
            let mut inner = self.inner();
            let now = inner.now;
            inner.rings(now, lot, Timer::Runs(id));
        }
    }

    /// Moves the clock to what is due next; rings a timer, or tells which task to run.
    fn next(&self, end: Millis) -> Option<u64> {
        let mut inner = self.inner();
        let Reverse((at, ..)) = inner.due.peek().copied()?;
        if at > end {
            return None;
        }
        let Reverse((at, _, timer)) = inner.due.pop()?;
        inner.now = inner.now.max(at);
        match inner.timers.remove(&timer) {
            Some(Timer::Rings(rung, waker)) => {
                rung.store(true, Ordering::Relaxed);
                drop(inner);
                waker.wake();
                Some(0)
            }
            Some(Timer::Runs(id)) => {
                (inner.current, inner.steps) = (id, inner.steps + 1);
                Some(id)
            }
            None => Some(0),
        }
    }

    /// The task that runs now.
    pub(crate) fn current(&self) -> u64 {
        self.inner().current
    }
}

impl Inner {
    /// Ids begin at 1; 0 is nobody.
    fn id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    fn rings(&mut self, at: Millis, lot: u64, timer: Timer) {
        let id = self.id();
        self.timers.insert(id, timer);
        self.due.push(Reverse((at, lot, id)));
    }
}

/// See [`Sim::sleep`].
pub(crate) struct Sleep {
    sim: Sim,
    until: Millis,
    rung: Option<Arc<AtomicBool>>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if let Some(rung) = &self.rung {
            return if rung.load(Ordering::Relaxed) { Poll::Ready(()) } else { Poll::Pending };
        }
        let rung = Arc::new(AtomicBool::new(false));
        let lot = self.sim.lots.next_u64();
        let timer = Timer::Rings(rung.clone(), context.waker().clone());
        self.sim.inner().rings(self.until, lot, timer);
        self.rung = Some(rung);
        Poll::Pending
    }
}

/// Wakes whoever waits for something to happen.
#[derive(Clone, Default)]
pub(crate) struct Signal(Arc<Mutex<Vec<Waker>>>);

impl Signal {
    pub(crate) fn ring(&self) {
        let waiting = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        waiting.into_iter().for_each(Waker::wake);
    }

    /// Waits for the next ring, or so long.
    pub(crate) async fn wait(&self, sim: &Sim, at_most: Millis) {
        let mut sleep = sim.sleep(at_most);
        let mut registered = false;
        futures::future::poll_fn(|context| {
            if Pin::new(&mut sleep).poll(context).is_ready() || registered {
                return Poll::Ready(());
            }
            registered = true;
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push(context.waker().clone());
            Poll::Pending
        })
        .await;
    }
}
