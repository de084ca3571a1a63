//! The AWS CLI.

use std::process::Command;

use serde_json::Value;

use crate::OpsError;

/// Calls AWS on the operator's behalf.
pub trait Cli {
    /// Runs `aws` with these arguments and reads the JSON that it answers; nothing where it answers nothing.
    fn call(&self, arguments: &[&str]) -> Result<Value, OpsError>;
}

/// The `aws` of this machine, with the credentials and the region that it finds.
#[derive(Debug, Clone, Copy)]
pub struct Installed;

impl Cli for Installed {
    fn call(&self, arguments: &[&str]) -> Result<Value, OpsError> {
        let failed = |reason: String| OpsError::Cli {
            command: arguments.iter().take(2).copied().collect::<Vec<_>>().join(" "),
            reason,
        };
        let run = Command::new("aws").args(arguments).args(["--output", "json"]).output();
        let output = run.map_err(|error| failed(error.to_string()))?;
        if !output.status.success() {
            return Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
        }
        if output.stdout.trim_ascii().is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&output.stdout).map_err(|error| failed(error.to_string()))
    }
}
