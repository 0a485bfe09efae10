//! `--timeline`: a page of its own that shows when each task ran, beside a drawing of the graph. Knows nothing but what
//! a [`Report`] holds.

use std::path::Path;

use serde::Serialize;

use super::report::{Record, Report};
use super::store::{self, Store};

const PAGE: &str = include_str!("../../templates/timeline.html");

const LOGS: [&str; 2] = ["runtime_stdout.log", "runtime_stderr.log"];

/// Bytes of each log that the page holds at most.
const LOG_TAIL: usize = 4000;
/// Bytes of all logs of tasks that went well, however many these are: a browser has to load them.
const ALL_LOGS: usize = 16 * 1024 * 1024;

#[derive(Serialize)]
struct Page<'a> {
    flow: &'a str,
    run: &'a str,
    seconds: f64,
    /// In order.
    steps: Vec<&'a str>,
    tasks: Vec<Bar<'a>>,
}

#[derive(Serialize)]
struct Bar<'a> {
    step: &'a str,
    path: &'a str,
    attempt: u32,
    began: f64,
    ended: f64,
    code: i32,
    /// KiB.
    memory: Option<u64>,
    cpu: Option<f64>,
    output: String,
}

/// The page; `drawing` is the graph as an SVG.
pub fn page<'a>(
    flow: &'a str,
    run: &'a str,
    drawing: &str,
    steps: Vec<&'a str>,
    report: &'a Report,
    store: &Store,
) -> String {
    let share = (ALL_LOGS / report.records.len().max(1) / LOGS.len()).min(LOG_TAIL);
    let size = |record: &Record| if record.code == 0 { share } else { LOG_TAIL };
    let tasks = report.records.iter().map(|record| Bar {
        step: &record.step,
        path: &record.path,
        attempt: record.attempt,
        began: record.began.as_secs_f64(),
        ended: record.ended.as_secs_f64(),
        code: record.code,
        memory: record.usage.map(|usage| usage.memory),
        cpu: record.usage.map(|usage| usage.cpu),
        output: output(store, &record.path, record.attempt, size(record)),
    });
    let seconds = report
        .records
        .iter()
        .map(|record| record.ended.as_secs_f64())
        .fold(0.0, f64::max);
    let page = Page {
        flow,
        run,
        seconds,
        steps,
        tasks: tasks.collect(),
    };
    // `</script>` in a log must not end the script.
    let json = serde_json::to_string(&page)
        .unwrap_or_default()
        .replace('<', "\\u003c");
    filled([
        ("TITLE", &format!("{flow} {run}")),
        ("<!--GRAPH-->", drawing),
        ("/*DATA*/null", &json),
    ])
}

/// The template with its holes filled, in the order in which they stand there; texts may hold what looks like a hole.
fn filled(holes: [(&str, &str); 3]) -> String {
    let mut page = String::new();
    let mut rest = PAGE;
    for (hole, text) in holes {
        let (before, after) = rest.split_once(hole).unwrap_or((rest, ""));
        page.push_str(before);
        page.push_str(text);
        rest = after;
    }
    page + rest
}

/// The last lines of a task's logs, without their headers.
fn output(store: &Store, path: &str, attempt: u32, size: usize) -> String {
    let mut text = String::new();
    for name in LOGS {
        let log = tail(&store.file(path, attempt, name), size);
        for line in log.lines() {
            let line = line
                .split_once(']')
                .filter(|(head, _)| head.starts_with("[MFLOG|"))
                .map_or(line, |(_, text)| text);
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

/// The whole lines among the last bytes.
fn tail(path: &Path, size: usize) -> String {
    let bytes = store::read(path).unwrap_or_default();
    let start = bytes.len().saturating_sub(size);
    let text = String::from_utf8_lossy(bytes.get(start..).unwrap_or_default());
    match text.split_once('\n') {
        Some((_, whole)) if start > 0 => format!("…\n{whole}"),
        Some(_) | None => text.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_log_begins_with_a_whole_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        store::write_whole(&path, b"[MFLOG|0|x]first\n[MFLOG|0|x]second\n").unwrap();
        assert_eq!(tail(&path, 4000).lines().count(), 2);
        assert_eq!(tail(&path, 22), "…\n[MFLOG|0|x]second\n");
    }
}
