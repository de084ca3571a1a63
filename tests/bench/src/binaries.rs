//! The binaries that are measured: builds them, finds them, and gives them the environment that Lambda would.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Fail;
use crate::lambda::Program;
use crate::template::Template;

/// The functions that are measured.
pub(crate) const FUNCTIONS: [&str; 7] =
    ["create-order", "view-order", "list-orders", "update-status", "payment-callback", "relay", "notify"];

/// The packages that they and their references are in.
const PACKAGES: [&str; 5] = ["messaging", "oms-bare", "ordering", "payments", "platform"];

/// What they are measured against, binaries of the package `oms-bare`.
const REFERENCES: [&str; 2] = ["empty", "bare"];

/// Where the binaries are.
pub(crate) struct Binaries {
    directory: PathBuf,
    template: Template,
}

impl Binaries {
    /// Builds them in a profile, unless told that they are there, and finds them beside this binary's own directory.
    pub(crate) fn ready(profile: &str, build: bool) -> Result<Binaries, Fail> {
        let own = std::env::current_exe()?;
        let target = own.parent().and_then(Path::parent).ok_or("this binary is in no target directory")?;
        if build {
            cargo(profile, target)?;
        }
        let directory = target.join(if profile == "dev" { "debug" } else { profile });
        for name in FUNCTIONS.iter().chain(&REFERENCES) {
            if !directory.join(name).is_file() {
                return Err(
                    format!("{} is missing: run again without --no-build", directory.join(name).display()).into()
                );
            }
        }
        Ok(Binaries { directory, template: Template::read()? })
    }

    /// A function that reaches the store and all other services at these addresses.
    pub(crate) fn function(&self, package: &str, store: &str, services: &str) -> Result<Program, Fail> {
        let mut environment = self.template.environment(package)?;
        environment.extend(aws(store, services));
        Ok(Program { name: package.into(), path: self.path(package), arguments: Vec::new(), environment })
    }

    /// A Lambda function that does nothing.
    pub(crate) fn empty(&self) -> Program {
        let path = self.path("empty");
        Program { name: "empty".into(), path, arguments: Vec::new(), environment: aws("", "") }
    }

    /// A Lambda function that opens its connection to the store and does nothing else.
    pub(crate) fn connected(&self, store: &str) -> Program {
        let arguments = vec!["--function".to_owned()];
        Program { name: "bare".into(), path: self.path("bare"), arguments, environment: aws(store, store) }
    }

    /// The bare calls.
    pub(crate) fn bare(&self, store: &str) -> Program {
        Program { arguments: Vec::new(), ..self.connected(store) }
    }

    /// Where a binary is.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// What the template says.
    pub(crate) fn template(&self) -> &Template {
        &self.template
    }
}

/// What Lambda gives every function, and where AWS is.
fn aws(store: &str, services: &str) -> Vec<(String, String)> {
    let variables = [
        ("AWS_REGION", "eu-central-1"),
        ("AWS_DEFAULT_REGION", "eu-central-1"),
        ("AWS_ACCESS_KEY_ID", "AKIABENCH"),
        ("AWS_SECRET_ACCESS_KEY", "bench"),
        ("AWS_SESSION_TOKEN", "bench"),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
        ("AWS_LAMBDA_LOG_LEVEL", "INFO"),
        ("AWS_ENDPOINT_URL", services),
        ("AWS_ENDPOINT_URL_DYNAMODB", store),
    ];
    variables.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()
}

/// Builds functions and references together, of the same parts, and without this package: it asks for more of what
/// they share.
fn cargo(profile: &str, target: &Path) -> Result<(), Fail> {
    println!("building {} functions and their references, profile {profile} …", FUNCTIONS.len());
    let packages = PACKAGES.iter().flat_map(|package| ["--package", package]);
    let binaries = FUNCTIONS.iter().chain(&REFERENCES).flat_map(|name| ["--bin", name]);
    let mut command = Command::new(option_env!("CARGO").unwrap_or("cargo"));
    command.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    command.args(["build", "--locked", "--profile", profile, "--target-dir"]).arg(target).args(packages).args(binaries);
    if command.status()?.success() { Ok(()) } else { Err("cargo could not build what is measured".into()) }
}
