//! When a flow starts by itself: what the target's own reader takes.

use super::*;
use crate::program::Ran;

fn on_argo(decorator: &str) -> Ran {
    let flow = format!(
        "from metaflow import FlowSpec, schedule, step, trigger\n\n\n{decorator}\nclass TimedFlow(FlowSpec):\n    @step\n    \
         def start(self):\n        self.next(self.end)\n\n    @step\n    def end(self):\n        pass\n\n\n\
         if __name__ == \"__main__\":\n    TimedFlow()\n"
    );
    let project = Project::new(&[("timed.py", &flow)]);
    let events = [
        "--set",
        "METAFLOW_ARGO_EVENTS_EVENT=e",
        "--set",
        "METAFLOW_ARGO_EVENTS_EVENT_SOURCE=s",
        "--set",
        "METAFLOW_ARGO_EVENTS_SERVICE_ACCOUNT=a",
    ];
    project.run(compile("timed.py", &[&DEPLOYMENT[..], &events].concat()))
}

#[test]
fn what_argo_does_not_read_is_refused() {
    let wrong = [
        ("@schedule(cron='@every 1d')", "FLC442"),
        ("@schedule(cron='@every -1h')", "FLC442"),
        ("@schedule(cron='@every 0.5h')", "FLC442"),
        ("@schedule(timezone='Europe/Berln')", "FLC245"),
        (
            "@trigger(event='e', options={'reset_at': {'cron': 'x'}})",
            "FLC442",
        ),
        (
            "@trigger(event='e', options={'reset_at': {'cron': '@every 1h'}})",
            "FLC442",
        ),
        (
            "@trigger(event='e', options={'reset_at': {'cron': '0 5 * * *', 'timezone': 'Mars'}})",
            "FLC245",
        ),
    ];
    for (decorator, code) in wrong {
        on_argo(decorator).ends(1).complains(&format!("error[{code}]"));
    }
}

#[test]
fn what_argo_reads_is_written_in_its_spelling() {
    let right = [
        ("@schedule(cron='@every  1h30m ')", "- '@every 1h30m'"),
        ("@schedule(cron='0 22-2 * * ? *')", "- 0 22,23,0,1,2 * * *"),
        ("@schedule(cron='0 0 * NOV-FEB *')", "- 0 0 * 11,12,1,2 *"),
        ("@schedule(timezone='Local')", "timezone: Local"),
        (
            "@trigger(event='e', options={'reset_at': {'cron': '0 6 ? * 2-6 *'}})",
            "cron: 0 6 * * 1-5",
        ),
    ];
    for (decorator, text) in right {
        let ran = on_argo(decorator).ends(0);
        assert!(
            ran.out.replace('"', "'").contains(text),
            "{decorator}\n{}",
            ran.out
        );
    }
}
