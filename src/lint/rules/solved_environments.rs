//! Environments that Metaflow solves, as rules: their pages. They are found when a flow has been planned, in
//! `backend/notices.rs`.

use crate::declare_rule;
use crate::diagnostic::RuleInfo;

declare_rule! {
    /// An environment that Metaflow solves (`@conda`, `@pypi`) is unpacked from a code package, and the code is in
    /// the image.
    ///
    /// The package holds the list of what was solved; the packages themselves are in the datastore.
    ///
    /// ## Wrong
    /// ```sh
    /// flowc compile train.py --target argo --set METAFLOW_DEFAULT_ENVIRONMENT=pypi --code image:/app
    /// ```
    /// ```python
    /// from metaflow import FlowSpec, pypi_base, step
    ///
    ///
    /// @pypi_base(python="3.11.7", packages={"pandas": "2.2.2"})
    /// class TrainFlow(FlowSpec):
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
    ///     TrainFlow()
    /// ```
    ///
    /// ## Right
    /// A package that holds the environment; or the packages in the image, and no `@pypi`.
    /// ```sh
    /// flowc compile train.py --target argo --set METAFLOW_DEFAULT_ENVIRONMENT=pypi \
    ///     --code s3://bucket/metaflow/TrainFlow/data/5a/5a105e8b9d40e1329780d62ea2265d8a5a105e8b@5a105e8b9d40e1329780d62ea2265d8a5a105e8b
    /// ```
    /// ```python
    /// from metaflow import FlowSpec, pypi_base, step
    ///
    ///
    /// @pypi_base(python="3.11.7", packages={"pandas": "2.2.2"})
    /// class TrainFlow(FlowSpec):
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
    ///     TrainFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// Nothing: it always makes a package (2.19.39).
    pub static ENVIRONMENT_WITHOUT_PACKAGE: error "FLC512" "environment-without-package";
}

declare_rule! {
    /// A step's environment (`@conda`, `@pypi`) names no Python, and neither does the deployment.
    ///
    /// Metaflow takes the version of the Python that it is deployed with: the same flow gives another environment on
    /// another machine. `--python-version 3.11.7` says it for all steps.
    ///
    /// ## Wrong
    /// ```sh
    /// flowc compile train.py --target argo --set METAFLOW_DEFAULT_ENVIRONMENT=pypi --code package
    /// ```
    /// ```python
    /// from metaflow import FlowSpec, pypi_base, step
    ///
    ///
    /// @pypi_base(packages={"pandas": "2.2.2"})
    /// class TrainFlow(FlowSpec):
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
    ///     TrainFlow()
    /// ```
    ///
    /// ## Right
    /// ```sh
    /// flowc compile train.py --target argo --set METAFLOW_DEFAULT_ENVIRONMENT=pypi --code package
    /// ```
    /// ```python
    /// from metaflow import FlowSpec, pypi_base, step
    ///
    ///
    /// @pypi_base(python="3.11.7", packages={"pandas": "2.2.2"})
    /// class TrainFlow(FlowSpec):
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
    ///     TrainFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// Nothing (2.19.39).
    pub static ENVIRONMENT_WITHOUT_PYTHON: error "FLC513" "environment-without-python";
}

declare_rule! {
    /// Tasks unpack environments that Metaflow has to have solved, with what stands in the code package.
    ///
    /// flowc computes the same name for an environment as Metaflow, from its packages, its Python and the datastore; the
    /// versions are the solver's business. Metaflow's name for `@pypi` depends on the machine as well: it is the one
    /// of Linux on x86-64 here.
    ///
    /// ## Wrong
    /// Metaflow has to solve the environments first:
    /// ```sh
    /// flowc compile train.py --target argo --set METAFLOW_DEFAULT_ENVIRONMENT=pypi --code package
    /// ```
    /// ```python
    /// from metaflow import FlowSpec, pypi_base, step
    ///
    ///
    /// @pypi_base(python="3.11.7", packages={"pandas": "2.2.2"})
    /// class TrainFlow(FlowSpec):
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
    ///     TrainFlow()
    /// ```
    ///
    /// ## Right
    /// Where the image holds the packages, nothing is to be solved:
    /// ```sh
    /// flowc compile train.py --target argo --code image:/app --image registry/pandas:2.2.2
    /// ```
    /// ```python
    /// from metaflow import FlowSpec, step
    ///
    ///
    /// class TrainFlow(FlowSpec):
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
    ///     TrainFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// Nothing: it solves them when it deploys (2.19.39). A task without its environment ends with `Cannot find
    /// conda.manifest in the package`.
    pub static ENVIRONMENT_TO_SOLVE: note "FLC514" "environment-to-solve";
}

/// All of them, sorted by code.
pub static ALL: &[&RuleInfo] = &[
    &ENVIRONMENT_WITHOUT_PACKAGE,
    &ENVIRONMENT_WITHOUT_PYTHON,
    &ENVIRONMENT_TO_SOLVE,
];
