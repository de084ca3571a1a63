//! Writes `template.yaml` and `observability.yaml` anew.

use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    match oms_template::assemble(&root) {
        Ok(assembled) => {
            std::fs::write(root.join(oms_template::TEMPLATE), assembled.template)?;
            std::fs::write(root.join(oms_template::OBSERVABILITY), assembled.observability)?;
            Ok(())
        }
        Err(refusal) => Err(refusal.to_string().into()),
    }
}
