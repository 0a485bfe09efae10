//! Processes that a worker leaves when it is killed: the tasks that it started, and all that these started. Knows no
//! task.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitOptions, kill_process, wait};

use super::store;

/// How long processes that are killed may take to end.
const PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(10);

/// What a worker leaves becomes flowc's own children (Linux), so that it is found.
pub(super) fn adopt() {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_child_subreaper(Pid::from_raw(1));
}

/// Kills all processes below flowc, which has no worker now. A process may start another while it is killed, so it is
/// asked until none is left. Where there is no `/proc` only those that ended are waited for.
pub(super) fn end_all() {
    let began = Instant::now();
    loop {
        let left = descendants();
        for &pid in &left {
            if let Some(pid) = Pid::from_raw(pid) {
                let _ = kill_process(pid, Signal::KILL);
            }
        }
        while let Ok(Some(_)) = wait(WaitOptions::NOHANG) {}
        if left.is_empty() || began.elapsed() > PATIENCE {
            return;
        }
        std::thread::sleep(PAUSE);
    }
}

/// Living processes below this one.
fn descendants() -> Vec<i32> {
    let mut children: BTreeMap<i32, Vec<i32>> = BTreeMap::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let name = entry.file_name();
        let pid = name.to_str().and_then(|name| name.parse().ok());
        let stat = store::read(&entry.path().join("stat"));
        if let (Some(pid), Ok(stat)) = (pid, stat)
            && let Some(parent) = parent(&String::from_utf8_lossy(&stat))
        {
            children.entry(parent).or_default().push(pid);
        }
    }
    let mut found = Vec::new();
    let mut above: Vec<i32> = i32::try_from(std::process::id()).into_iter().collect();
    while let Some(pid) = above.pop() {
        let below = children.remove(&pid).unwrap_or_default();
        above.extend(&below);
        found.extend(below);
    }
    found
}

/// The parent in `/proc/PID/stat`, behind the name in parentheses and the state; none of one that has ended.
fn parent(stat: &str) -> Option<i32> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace();
    let state = fields.next()?;
    let parent = fields.next()?;
    (!matches!(state, "Z" | "X")).then(|| parent.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parent_stands_behind_whatever_name() {
        assert_eq!(parent("7 (a) b) S 3 7 7 0"), Some(3));
        assert_eq!(parent("7 (sleep) Z 3 7 7 0"), None);
        assert_eq!(parent(""), None);
    }
}
