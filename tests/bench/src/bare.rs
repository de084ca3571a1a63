//! The process that sends the bare calls.

use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::Fail;
use crate::lambda::Program;
use crate::orders::replaced;
use crate::proxy::Call;

/// A running process.
pub(crate) struct Bare {
    _child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

/// How long sequences of calls took, in milliseconds each, and their processor time together.
pub(crate) struct Timed {
    pub(crate) millis: Vec<f64>,
    pub(crate) cpu_millis: f64,
}

impl Bare {
    /// Starts it.
    pub(crate) fn start(program: &Program) -> Result<Bare, Fail> {
        let mut command = Command::new(&program.path);
        command.env_clear().envs(program.environment.iter().map(|(name, value)| (name, value)));
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
        let input = child.stdin.take().ok_or("no way into the bare process")?;
        let output = child.stdout.take().ok_or("no way out of the bare process")?;
        Ok(Bare { _child: child, input, output: BufReader::new(output).lines() })
    }

    /// Sends these sequences, one call after the other.
    pub(crate) async fn send(&mut self, sequences: &[Vec<Value>]) -> Result<Timed, Fail> {
        self.input.write_all(format!("{}\n", json!(sequences)).as_bytes()).await?;
        let line = self.output.next_line().await?.ok_or("the bare process ended; its reason is above")?;
        let answer: Value = serde_json::from_str(&line)?;
        let nanos = answer["nanos"].as_array().into_iter().flatten().filter_map(Value::as_f64);
        let cpu = answer["cpu_nanos"].as_f64().ok_or("no processor time")?;
        Ok(Timed { millis: nanos.map(|nanos| nanos / 1e6).collect(), cpu_millis: cpu / 1e6 })
    }
}

/// Calls as they were seen, about another order and customer.
pub(crate) fn sequence(calls: &[Call], pairs: &[(String, String)]) -> Result<Vec<Value>, Fail> {
    let one = |call: &Call| -> Result<Value, Fail> {
        let body: Value = serde_json::from_str(&replaced(&call.body.to_string(), pairs))?;
        Ok(json!({ "operation": call.operation, "body": body }))
    };
    calls.iter().map(one).collect()
}
