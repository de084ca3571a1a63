//! Lines of the log, as Lambda sorts them: JSON with `timestamp` (RFC 3339) and `level`. A line without a time that Lambda can
//! read counts as INFO, whatever it says, so that errors would be lost above that level.

use std::str::FromStr as _;

use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Writes all lines from `level` on, INFO if there is no such level; `directives` say more for single modules.
pub fn lines<W>(level: &str, directives: &str, writer: W) -> impl Subscriber + Send + Sync + use<W>
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let level = LevelFilter::from_str(level).unwrap_or(LevelFilter::INFO);
    let filter = EnvFilter::builder().with_default_directive(level.into()).parse_lossy(directives);
    // The time is written in RFC 3339 by default.
    tracing_subscriber::fmt().json().with_target(false).with_env_filter(filter).with_writer(writer).finish()
}

/// Every line of this process from now on goes to standard output, at the level that the function is set to.
pub(crate) fn begin() {
    #[expect(clippy::disallowed_methods, reason = "lines are written before a world is there to ask")]
    let said = |name: &str| std::env::var(name).unwrap_or_default();
    let lines = lines(&said("AWS_LAMBDA_LOG_LEVEL"), &said("RUST_LOG"), std::io::stdout);
    // Whoever set another subscriber before wanted that one.
    let _ = lines.try_init();
}
