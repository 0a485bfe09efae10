//! `security_context` of `@kubernetes` has an entry that a container's security context does not have.

use crate::declare_rule;
use crate::diagnostic::{Diagnostic, nearest};
use crate::lint::Context;
use crate::lint::uses::{self, shown};
use crate::target::Target;

declare_rule! {
    /// `security_context` of `@kubernetes` has an entry that a container's security context does not have.
    ///
    /// ## Wrong
    /// ```python
    /// # target: argo
    /// from metaflow import FlowSpec, kubernetes, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @kubernetes(security_context={"run_as_usr": 1000})
    ///     @step
    ///     def start(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     DemoFlow()
    /// ```
    ///
    /// ## Right
    /// ```python
    /// # target: argo
    /// from metaflow import FlowSpec, kubernetes, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @kubernetes(security_context={"run_as_user": 1000})
    ///     @step
    ///     def start(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     DemoFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// nothing in `check`; when it deploys, a traceback of the Python client of Kubernetes, which depends on its
    /// version (2.19.39)
    pub static INFO: error "FLC409" "security-context";
}

/// Of `V1SecurityContext`, Kubernetes 1.34.
const KEYS: [&str; 12] = [
    "allow_privilege_escalation",
    "app_armor_profile",
    "capabilities",
    "privileged",
    "proc_mount",
    "read_only_root_filesystem",
    "run_as_group",
    "run_as_non_root",
    "run_as_user",
    "se_linux_options",
    "seccomp_profile",
    "windows_options",
];

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some(target) = context
        .target
        .map(|target| target.target)
        .filter(|target| *target != Target::StepFunctions)
    else {
        return;
    };
    for used in uses::named(context, "kubernetes") {
        let Some(written) = used.truthy("security_context") else {
            continue;
        };
        for (key, _) in written.value.as_dict().unwrap_or_default() {
            let text = key.to_text();
            if KEYS.iter().any(|known| is_same(known, &text)) {
                continue;
            }
            let message = format!("a security context has no {}", shown(key));
            let finding = used.finding(&INFO, written.span, message).target(target);
            out.push(match nearest(&text, KEYS) {
                Some(near) => finding.help(format!("did you mean `{near}`?")),
                None => finding.help(format!("its entries are `{}`", KEYS.join("`, `"))),
            });
        }
    }
}

/// `run_as_user`, or as YAML has it, `runAsUser`.
fn is_same(known: &str, written: &str) -> bool {
    known == written || known.replace('_', "").eq_ignore_ascii_case(written)
}
