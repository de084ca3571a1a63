//! What Linux says of a process: processor time in nanoseconds and its largest memory.

use std::path::{Path, PathBuf};

use crate::Fail;

/// Nanoseconds that all threads of a process were on a processor.
///
/// `schedstat` of each thread, because the sums in `stat` count in steps of ten milliseconds. Threads that ended are
/// missing; the functions run on one thread that does not.
pub(crate) fn cpu_nanos(pid: u32) -> u64 {
    threads(pid).iter().filter_map(|thread| on_processor(thread)).sum()
}

/// The same for those threads of this process whose name begins like this.
pub(crate) fn own_cpu_nanos(name: &str) -> u64 {
    let named = |thread: &&PathBuf| {
        std::fs::read_to_string(thread.join("comm")).is_ok_and(|comm| comm.trim_end().starts_with(name))
    };
    threads(std::process::id()).iter().filter(named).filter_map(|thread| on_processor(thread)).sum()
}

fn threads(pid: u32) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(format!("/proc/{pid}/task")) else { return Vec::new() };
    entries.filter_map(Result::ok).map(|entry| entry.path()).collect()
}

fn on_processor(thread: &Path) -> Option<u64> {
    let text = std::fs::read_to_string(thread.join("schedstat")).ok()?;
    text.split_whitespace().next()?.parse().ok()
}

/// Largest resident memory of a process so far, in KiB.
pub(crate) fn peak_kib(pid: u32) -> Result<u64, Fail> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    high_water(&status).ok_or_else(|| format!("process {pid} does not tell its peak memory").into())
}

fn high_water(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// The processor's name and how many there are.
pub(crate) fn machine() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
    let model = model.trim_start_matches([' ', '\t', ':']).to_owned();
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    format!("{cores} × {}", if model.is_empty() { "unknown processor" } else { model.as_str() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_high_water_mark_is_read_from_the_status() {
        assert_eq!(high_water("Name:\tx\nVmPeak:\t 9000 kB\nVmHWM:\t    5120 kB\n"), Some(5120));
        assert_eq!(high_water("Name:\tx\n"), None);
    }

    #[test]
    fn a_process_has_used_time_and_memory() {
        assert!(cpu_nanos(std::process::id()) > 0);
        assert!(peak_kib(std::process::id()).unwrap() > 0);
        assert_eq!(cpu_nanos(0), 0, "there is no process 0");
    }
}
