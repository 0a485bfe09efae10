//! `@exit_hook`: functions of the flow that run after it, each in an interpreter of its own, by Metaflow's own script
//! (2.19: `runtime.py`, `_run_exit_hooks`). A hook that fails changes nothing.

use std::process::{Command, Stdio};

use super::Supervisor;

/// Metaflow's program that imports the flow's file and calls one function of it.
const SCRIPT: &str = "metaflow.plugins.exit_hook.exit_hook_script";

impl Supervisor<'_> {
    pub(super) fn run_exit_hooks(&mut self, is_success: bool, is_interrupt: bool) {
        let hooks = &self.plan.flow.request.exit_hooks;
        let chosen = hooks.iter().flat_map(|hook| {
            if is_success {
                &hook.on_success
            } else {
                &hook.on_error
            }
        });
        let chosen: Vec<String> = chosen.cloned().collect();
        if is_interrupt && !chosen.is_empty() {
            self.console
                .say(None, "The exit hooks are not run: the run was interrupted.", true);
            return;
        }
        for name in chosen {
            self.console
                .say(None, &format!("Exit hook {name} is starting."), false);
            self.console.flush();
            self.run_hook(&name);
        }
    }

    #[expect(clippy::disallowed_methods, reason = "the runner starts programs")]
    fn run_hook(&mut self, name: &str) {
        let run = format!("{}/{}", self.plan.flow.name, self.options.run_id);
        let mut command = Command::new(&self.options.python);
        command
            .args(["-m", SCRIPT, &self.plan.flow.file_name, name, &run])
            .stdin(Stdio::null());
        let text = match command.output() {
            Ok(output) => {
                let said = [output.stdout, output.stderr].concat();
                for line in String::from_utf8_lossy(&said).lines() {
                    self.console
                        .say(None, &format!("[exit hook {name}] {line}"), false);
                }
                if output.status.success() {
                    return;
                }
                output.status.to_string()
            }
            Err(error) => error.to_string(),
        };
        self.console
            .say(None, &format!("Exit hook {name} failed: {text}"), true);
    }
}
