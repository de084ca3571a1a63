//! How long the oldest event waits that is not published: a relay that does not run tells nobody of it, neither by an error
//! nor by the age of its stream, which is measured only while it runs.
//!
//! Every five minutes the order is looked at that was changed last, as far as the newest orders of each status tell: if its
//! marker says that it is published, publishing goes on. If not, older ones are looked at, back to a day, each time twice as
//! old as before: the longest waiting that is found has waited for at least half as long as the oldest. Orders that the sweep
//! could not publish just now tell at once.
//!
//! That costs an idle shop eleven reads every five minutes, and orders nothing: no item is written for it, and no table is
//! read through.

use futures::future::try_join_all;
use jiff::{SignedDuration, Timestamp};
use oms_domain::ids::OrderId;
use oms_domain::ordering::Status;

use crate::error::Error;
use crate::platform::publisher::{Publisher, STREAM_KEEPS};
use crate::ports::{Line, ListQuery, Metrics, Orders, Scope, Summary, Unit};

/// Events that have waited for less are on their way, in seconds.
const ON_ITS_WAY_SECONDS: i64 = 60;

/// How often twice as old orders are looked for, so that the last are a day old.
const DOUBLINGS: u32 = 10;

/// How often the newest orders are looked at, in minutes.
const EVERY_MINUTES: i64 = 5;

const SECONDS_PER_MINUTE: i64 = 60;

/// Most orders whose publishing has just failed that are asked how long they have waited.
const MAX_STUCK: usize = 5;

pub(crate) struct PublishLag<'a> {
    pub(crate) orders: &'a dyn Orders,
    pub(crate) publisher: &'a Publisher,
    pub(crate) now: Timestamp,
}

impl PublishLag<'_> {
    /// Tells operators, if there is something to tell; `stuck` could not be published just now.
    pub(crate) async fn tell(&self, stuck: &[OrderId], metrics: Option<&dyn Metrics>) -> Result<(), Error> {
        let mut lag = None;
        for order_id in stuck.iter().take(MAX_STUCK) {
            lag = lag.max(self.waits(*order_id).await?);
        }
        if self.now.as_second().div_euclid(SECONDS_PER_MINUTE).rem_euclid(EVERY_MINUTES) == 0 {
            lag = lag.max(self.of_newest().await?);
        }
        if let Some(lag) = lag {
            tracing::warn!(seconds = lag, "publishing is behind");
            if let Some(metrics) = metrics {
                metrics.emit(&Line::new("publishing is behind").figure("publish_lag", Unit::Seconds, lag));
            }
        }
        Ok(())
    }

    /// A relay that has stopped has published nothing since, so older orders are of interest only if newer ones wait.
    async fn of_newest(&self) -> Result<Option<i64>, Error> {
        let mut lag = self.at(ON_ITS_WAY_SECONDS).await?;
        for doublings in 1..=DOUBLINGS {
            if lag.is_none() {
                break;
            }
            match self.at(ON_ITS_WAY_SECONDS << doublings).await? {
                None => break,
                older => lag = lag.max(older),
            }
        }
        Ok(lag)
    }

    /// How long the order waits, if it does, that changed last of those that have not changed for so many seconds.
    async fn at(&self, seconds: i64) -> Result<Option<i64>, Error> {
        let until = self.now - SignedDuration::from_secs(seconds);
        let newest = |status| async move {
            let query = ListQuery {
                scope: Scope::Everyone,
                statuses: vec![status],
                from: None,
                until: Some(until),
                newest_first: true,
                limit: 1,
                after: None,
            };
            self.orders.list(&query).await
        };
        let found = try_join_all(Status::ALL.map(newest)).await?;
        // What nobody has changed for a day may be of before there were markers, and no stream holds it any more.
        let recent = |summary: &Summary| {
            summary.updated_at <= until && self.now.duration_since(summary.updated_at) < STREAM_KEEPS
        };
        let entries = found.into_iter().flat_map(|page| page.entries);
        match entries.filter(recent).max_by_key(|summary| summary.updated_at) {
            Some(summary) => self.waits(summary.id).await,
            None => Ok(None),
        }
    }

    /// For how many seconds the oldest event of an order has waited.
    async fn waits(&self, order_id: OrderId) -> Result<Option<i64>, Error> {
        let since = self.publisher.waits_since(order_id).await?;
        let waited = since.map(|since| self.now.duration_since(since).as_secs());
        Ok(waited.filter(|seconds| *seconds >= ON_ITS_WAY_SECONDS))
    }
}
