//! What is remembered of a run for its end: times and memory by step, the slowest tasks. Measures nothing itself.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use super::attempt::Usage;

/// One attempt that ended.
#[derive(Clone, Debug)]
pub struct Record {
    pub path: String,
    pub step: String,
    pub attempt: u32,
    /// Since the run began.
    pub began: Duration,
    pub ended: Duration,
    pub code: i32,
    pub usage: Option<Usage>,
}

impl Record {
    fn seconds(&self) -> f64 {
        (self.ended.saturating_sub(self.began)).as_secs_f64()
    }
}

/// All attempts of a run.
#[derive(Clone, Debug, Default)]
pub struct Report {
    pub records: Vec<Record>,
}

#[derive(Default)]
struct Sum {
    tasks: usize,
    failed: usize,
    seconds: f64,
    longest: f64,
    /// KiB, of the tasks where it is known.
    memory: Option<u64>,
}

/// Tasks named as the slowest.
const SLOWEST: usize = 3;

impl Report {
    /// A table by step, in the order given, and the slowest tasks.
    pub fn summary<'a>(&self, steps: impl Iterator<Item = &'a str>, elapsed: Duration) -> String {
        let mut sums: BTreeMap<&str, Sum> = BTreeMap::new();
        for record in &self.records {
            let sum = sums.entry(&record.step).or_default();
            sum.tasks += 1;
            sum.failed += usize::from(record.code != 0);
            sum.seconds += record.seconds();
            sum.longest = sum.longest.max(record.seconds());
            sum.memory = sum.memory.max(record.usage.map(|usage| usage.memory));
        }
        let width = sums.keys().map(|step| step.len()).max().unwrap_or(4).max(4);
        let mut text = String::new();
        let _ = writeln!(
            text,
            "\n  {:width$}  tasks  failed   total s  longest s  peak MB",
            "step"
        );
        for step in steps {
            let Some(sum) = sums.get(step) else { continue };
            let Sum {
                tasks,
                failed,
                seconds,
                longest,
                memory,
            } = sum;
            let memory = memory.map_or_else(|| "?".to_owned(), |memory| (memory / 1024).to_string());
            let _ = writeln!(
                text,
                "  {step:width$}  {tasks:5}  {failed:6}  {seconds:8.1}  {longest:9.1}  {memory:>7}"
            );
        }
        self.write_slowest(&mut text);
        let cpu: f64 = self
            .records
            .iter()
            .filter_map(|record| Some(record.usage?.cpu))
            .sum();
        let _ = writeln!(
            text,
            "  {:.1} s, {cpu:.1} s of CPU in tasks",
            elapsed.as_secs_f64()
        );
        text
    }

    fn write_slowest(&self, text: &mut String) {
        if self.records.len() <= SLOWEST {
            return;
        }
        let mut slowest: Vec<_> = self.records.iter().collect();
        slowest.sort_by(|one, other| other.seconds().total_cmp(&one.seconds()));
        let named = slowest.iter().take(SLOWEST).map(|record| {
            let task = record
                .path
                .split_once('/')
                .map_or(record.path.as_str(), |(_, task)| task);
            format!("{task} {:.1} s", record.seconds())
        });
        let named: Vec<_> = named.collect();
        let _ = writeln!(text, "  slowest: {}", named.join(", "));
    }
}
