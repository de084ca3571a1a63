//! `cargo run`: the whole system on this machine.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use oms_app::catalog::product_file::Assumed;
use oms_local::identity::TokenRequest;
use oms_local::payments::Provider;
use oms_local::start::{Oms, Options, read_template, start};
use oms_local::state::{StateLocation, reset};
use oms_local::{demo, import, openapi, sample_event};

/// Runs the order management system on this machine, from template.yaml.
#[derive(Parser)]
#[command(name = "oms", version, about)]
struct Cli {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Args)]
struct Place {
    /// Port on 127.0.0.1
    #[arg(long, default_value_t = 3000, global = true)]
    port: u16,
    /// Where to keep the state
    #[arg(long, default_value = ".local", global = true)]
    state: PathBuf,
    /// Keep nothing
    #[arg(long, global = true)]
    memory: bool,
    /// Another template
    #[arg(long, global = true)]
    template: Option<PathBuf>,
    /// Payment providers to offer; stripe and paypal take test keys from the environment
    #[arg(long, global = true, value_enum, value_delimiter = ',', default_value = "sandbox")]
    payments: Vec<Provider>,
}

#[derive(Subcommand)]
enum Command {
    /// Plays the whole story: order, payment, shipping, delivery, messages
    Demo,
    /// Adds and changes products from a CSV file; its header names the columns, `sku` and `seller_id` among them
    Import {
        /// The file; exports of Shopify and `WooCommerce` are understood as they are
        file: PathBuf,
        /// Currency of rows that name none
        #[arg(long)]
        currency: Option<String>,
        /// Seller of rows that name none
        #[arg(long)]
        seller: Option<String>,
    },
    /// Clears the state
    Reset,
    /// Prints the API description, openapi.yaml
    Openapi,
    /// Prints an event for a function, for `sam local invoke <Function> --event -`
    Events {
        /// The function's package, e.g. `review-order`
        function: String,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let filter = tracing_subscriber::EnvFilter::builder()
        .with_default_directive(tracing_subscriber::filter::LevelFilter::WARN.into())
        .from_env_lossy();
    tracing_subscriber::fmt().with_env_filter(filter).with_target(false).with_writer(std::io::stderr).init();
    match run(cli).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(line) => {
            eprintln!("oms: {line}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> Result<(), String> {
    match cli.command {
        Some(Command::Reset) => {
            reset(&cli.place.state).map_err(|error| error.to_string())?;
            println!("{} is cleared", cli.place.state.display());
            Ok(())
        }
        Some(Command::Openapi) => {
            print!("{}", openapi::yaml()?);
            Ok(())
        }
        Some(Command::Events { function }) => {
            let event = sample_event::event(&read_template(cli.place.template)?, &function)?;
            println!("{}", serde_json::to_string_pretty(&event).map_err(|error| error.to_string())?);
            Ok(())
        }
        Some(Command::Import { file, currency, seller }) => {
            let assumed = Assumed { currency: currency.as_deref(), seller_id: seller.as_deref() };
            import_file(cli.place, &file, &assumed).await
        }
        Some(Command::Demo) => demonstrate(cli.place).await,
        None => serve(cli.place).await,
    }
}

fn options(place: Place) -> Options {
    let state = if place.memory { StateLocation::Memory } else { StateLocation::Directory(place.state) };
    Options { port: place.port, state, template: place.template, payments: place.payments, parameters: Vec::new() }
}

async fn serve(place: Place) -> Result<(), String> {
    let kept = if place.memory { "is forgotten then" } else { "is kept" };
    let oms = start(options(place)).await.map_err(|error| error.to_string())?;
    welcome(&oms, kept);
    // Without a way to hear of Ctrl-C there is only a kill, which the state survives as well.
    let _ = tokio::signal::ctrl_c().await;
    println!("\nstopping");
    oms.cloud.shutdown().await;
    Ok(())
}

/// Against what runs on the port, or against a fresh system that keeps nothing.
async fn demonstrate(place: Place) -> Result<(), String> {
    let running = format!("http://127.0.0.1:{}", place.port);
    if demo::answers(&running).await {
        println!("playing against {running}\n");
        return demo::play(&running).await;
    }
    let fresh = Options {
        port: 0,
        state: StateLocation::Memory,
        template: place.template,
        payments: Vec::new(),
        parameters: Vec::new(),
    };
    let oms = start(fresh).await.map_err(|error| error.to_string())?;
    println!("nothing listens on {running}: playing against a fresh system\n");
    let played = demo::play(oms.cloud.base_url()).await;
    oms.cloud.shutdown().await;
    played
}

/// Into what runs on the port, or into the state on disk.
async fn import_file(place: Place, file: &Path, assumed: &Assumed<'_>) -> Result<(), String> {
    let running = format!("http://127.0.0.1:{}", place.port);
    let tally = if demo::answers(&running).await {
        println!("importing into {running}");
        import::import(&running, file, assumed).await?
    } else {
        println!("nothing listens on {running}: importing into the state in {}", place.state.display());
        let oms = start(Options { port: 0, ..options(place) }).await.map_err(|error| error.to_string())?;
        let tally = import::import(oms.cloud.base_url(), file, assumed).await;
        oms.cloud.shutdown().await;
        tally?
    };
    println!("{} created, {} updated, {} failed", tally.created, tally.updated, tally.failed);
    if tally.failed == 0 { Ok(()) } else { Err(format!("{} rows were not imported", tally.failed)) }
}

/// What to do next; `kept` says what becomes of the state.
fn welcome(oms: &Oms, kept: &str) {
    let base = oms.cloud.base_url();
    let token = |user: &str, role: &str| {
        let request =
            TokenRequest { user_id: user.to_owned(), role: role.to_owned(), seller_id: None, expires_in_seconds: None };
        oms.cloud.context().identity.mint(&request).map(|(token, _)| token).unwrap_or_default()
    };
    println!(
        "oms listens on {base} (Ctrl-C stops it, what it knows {kept})

Paste this into another terminal:

export OMS={base}
export CUSTOMER='{customer}'
export ADMIN='{admin}'

1. See what there is to buy:

curl -s $OMS/api/products -H \"Authorization: Bearer $CUSTOMER\"

2. Order two mugs:

curl -s -X POST $OMS/api/orders -H \"Authorization: Bearer $CUSTOMER\" -H 'Content-Type: application/json' \\
  -H \"Idempotency-Key: my-first-order\" -d '{order}'

3. Pay (put the order's id in place of ORDER_ID, then open the redirect_url):

curl -s -X POST $OMS/api/orders/ORDER_ID/payments -H \"Authorization: Bearer $CUSTOMER\" -d '{{\"provider\":\"sandbox\"}}'

README.md goes on from here, {base}/dev/carriers moves parcels, and `cargo run -- demo` plays the whole story.",
        customer = token("ada", "customer"),
        admin = token("grace", "admin"),
        order = demo::order_body(),
    );
}
