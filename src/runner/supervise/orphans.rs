//! Processes that a worker leaves when it is killed: the tasks that it started, and all that these started. Knows no
//! task.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitOptions, kill_process, wait};

use super::super::store;

/// How long processes that are killed may take to end.
const PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(10);

/// A process for all time: its id, and when it began (in ticks since the system did), since ids are used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Process {
    id: i32,
    began: u64,
}

/// What was below flowc before it started anything is not its own: `tee` in `flowc run … > >(tee log)`, a job in the
/// background of the shell that became flowc by `exec`.
#[derive(Debug)]
pub(super) struct Orphans {
    foreign: BTreeSet<Process>,
}

impl Orphans {
    /// From now on what a worker leaves becomes flowc's own child (Linux), so that it is found.
    pub fn adopt() -> Self {
        #[cfg(target_os = "linux")]
        let _ = rustix::process::set_child_subreaper(Pid::from_raw(1));
        Self {
            foreign: below(&BTreeSet::new()).into_iter().collect(),
        }
    }

    /// Kills all that was started below flowc, which has no worker now. A process may start another while it is
    /// killed, so it is asked until none is left. Where there is no `/proc` only those that ended are waited for.
    pub fn end_all(&self) {
        let began = Instant::now();
        loop {
            let left = below(&self.foreign);
            for pid in left.iter().filter_map(|process| Pid::from_raw(process.id)) {
                let _ = kill_process(pid, Signal::KILL);
            }
            while let Ok(Some(_)) = wait(WaitOptions::NOHANG) {}
            if left.is_empty() || began.elapsed() > PATIENCE {
                return;
            }
            std::thread::sleep(PAUSE);
        }
    }
}

/// Living processes below this one, but for those that are left out and what is below them.
fn below(left_out: &BTreeSet<Process>) -> Vec<Process> {
    let mut children: BTreeMap<i32, Vec<Process>> = BTreeMap::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let name = entry.file_name();
        let id = name.to_str().and_then(|name| name.parse().ok());
        let stat = store::read(&entry.path().join("stat"));
        if let (Some(id), Ok(stat)) = (id, stat)
            && let Some((parent, began)) = parent(&String::from_utf8_lossy(&stat))
        {
            children.entry(parent).or_default().push(Process { id, began });
        }
    }
    let mut found = Vec::new();
    let mut above: Vec<i32> = i32::try_from(std::process::id()).into_iter().collect();
    while let Some(id) = above.pop() {
        let mut own = children.remove(&id).unwrap_or_default();
        own.retain(|process| !left_out.contains(process));
        above.extend(own.iter().map(|process| process.id));
        found.extend(own);
    }
    found
}

/// The parent in `/proc/PID/stat`, and when the process began: fields 4 and 22, counted from behind the name in
/// parentheses, which may hold anything (proc(5)); none of one that has ended.
fn parent(stat: &str) -> Option<(i32, u64)> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace();
    let state = fields.next()?;
    let parent = fields.next()?.parse().ok()?;
    let began = fields.nth(17)?.parse().ok()?;
    (!matches!(state, "Z" | "X")).then_some((parent, began))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parent_stands_behind_whatever_name() {
        let rest = "3 7 7 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 1 0 1234 0 0";
        assert_eq!(parent(&format!("7 (a) b) S {rest}")), Some((3, 1234)));
        assert_eq!(parent(&format!("7 (sleep) Z {rest}")), None);
        assert_eq!(parent(""), None);
    }
}
