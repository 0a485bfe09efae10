//! What packages beside Metaflow add to the package `metaflow`. Which of them are installed where a flow runs is not
//! known here.

use super::interpreter::Interpreter;
use super::metaflow::{self, Found};
use crate::declare_rule;
use crate::diagnostic::Diagnostic;
use crate::source::Span;

declare_rule! {
    /// A name is taken from `metaflow` that Metaflow does not have. Only an extension, a package that adds names to `metaflow`, can have brought it; without one the import fails before any task runs.
    ///
    /// Extensions are not looked at: they are installed where the flow runs, not where it is checked. The names of published ones (`checkpoint`, `torchrun`, `gpu_profile` …) are known; declare those of your own under `[decorators]` in `flowc.toml`. A name that differs by a slip of the keyboard from one that Metaflow has is an error (FLC203).
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, step, write_report
    ///
    ///
    /// class ReportFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         write_report()
    ///
    ///
    /// if __name__ == "__main__":
    ///     ReportFlow()
    /// ```
    ///
    /// ## Right
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    /// from reports import write_report
    ///
    ///
    /// class ReportFlow(FlowSpec):
    ///     @step
    ///     def start(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         write_report()
    ///
    ///
    /// if __name__ == "__main__":
    ///     ReportFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// Nothing of its own: Python's `ImportError: cannot import name 'write_report' from 'metaflow'`, `ModuleNotFoundError`, or, behind `from metaflow import *`, `NameError` (2.19.39)
    pub static FOREIGN_NAME: warning "FLC906" "name-of-an-extension";
}

/// Names and submodules that published extensions add (by code point), as their packages of October 2026 say:
/// metaflow-checkpoint, -deepspeed, -functions, -kubeflow, -mpi, -netflixext, -notifications, -ollama, -pyspark, -ray,
/// -sandbox, -skypilot, -slurm, -tensorflow, -torchrun, ob-metaflow-extensions; and those that public flows import.
static KNOWN: &[&str] = &[
    "AbstractRuntimeComponent",
    "Checkpoint",
    "ControlPlaneError",
    "FlowAPI",
    "FunctionParameters",
    "FunctionPipeline",
    "QueryCancelled",
    "QueryFailed",
    "QueryTimeout",
    "Snowflake",
    "SparkConfigError",
    "SparkException",
    "TorchrunSingleNodeMultiGPU",
    "UnityCatalogError",
    "UnityCatalogTable",
    "anaconda",
    "anaconda_base",
    "anaconda_models",
    "app_deploy",
    "app_deploy_internal",
    "apps",
    "artifact_store_from",
    "assume_role",
    "checkpoint",
    "clear_s3_proxy_config",
    "close_function",
    "conda_env_internal",
    "coreweave_checkpoints",
    "coreweave_s3_proxy",
    "daytona",
    "dbt",
    "deepspeed",
    "delete_model",
    "e2b",
    "fast_bakery",
    "fast_bakery_internal",
    "function_from_json",
    "function_supervisor",
    "functions",
    "get_S3_with_s3_proxy",
    "get_aws_client",
    "get_aws_client_with_s3_proxy",
    "get_s3_proxy_config",
    "get_s3_proxy_config_from_env",
    "gpu_profile",
    "huggingface",
    "huggingface_card",
    "huggingface_hub",
    "kfp_internal",
    "llamacpp",
    "load_model",
    "magicdir",
    "metaflow_ray",
    "model",
    "mpi",
    "named_env",
    "named_env_base",
    "nebius_checkpoints",
    "nebius_s3_proxy",
    "nflx",
    "nim",
    "notify",
    "nvct",
    "nvidia",
    "ob_internal",
    "ollama",
    "optuna",
    "pip",
    "pip_base",
    "pkg_name",
    "profilers",
    "pylock_toml_internal",
    "pyspark",
    "ray",
    "ray_ui",
    "read_table",
    "resolved_req",
    "resolved_uv",
    "s3_proxy",
    "sandbox",
    "set_s3_proxy_config",
    "skypilot",
    "skypilot_step",
    "slurm",
    "snowpark",
    "spark",
    "sys_packages",
    "sys_packages_base",
    "tensorboard",
    "tensorflow",
    "test_append_card",
    "titus",
    "torchrun",
    "torchtune",
    "trigger_on",
    "vllm",
    "wandb_log",
    "with_artifact_store",
];

/// Does a published extension add this name to `metaflow`?
pub(super) fn is_known(name: &str) -> bool {
    KNOWN.binary_search(&name).is_ok()
}

impl Interpreter<'_> {
    /// `metaflow.nope`
    pub(super) fn check_foreign_attribute(&mut self, name: &str, span: Span) {
        let is_set = self.patched("metaflow", name).is_some();
        if !is_set && matches!(metaflow::import("", name), Found::Foreign(_)) {
            self.note_foreign("metaflow", name, "AttributeError", span);
        }
    }

    /// Reports a name that only an extension can have brought, `what` Python says without it. Not where the program
    /// itself asks whether it is there, nor where the project declares it.
    pub(super) fn note_foreign(&mut self, module: &str, name: &str, what: &str, span: Span) {
        let is_declared = is_known(name) || self.inputs.known_decorators.contains_key(name);
        let is_doubted = !self.branches.is_empty() || self.has_run;
        if is_declared || is_doubted || !self.reported.insert(span) {
            return;
        }
        let message =
            format!("`{module}` has no `{name}`: unless an extension brings it, Python raises `{what}` here");
        self.diagnostics
            .push(Diagnostic::new(&FOREIGN_NAME, span, message).help(format!(
                "if an extension has it, declare it under `[decorators]` in `flowc.toml`: `\"{name}\" = \"harmless\"`"
            )));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted() {
        assert!(KNOWN.is_sorted());
        assert!(is_known("torchrun") && !is_known("retry"));
    }
}
