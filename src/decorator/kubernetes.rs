//! `@kubernetes`: the step runs as a pod. Metaflow 2.19: `kubernetes/kubernetes_decorator.py`.

use super::{Attribute, Attributes, Decorator, Kind, Level};
use crate::request::{Compute, KubernetesRequest, Request};
use crate::target::{Feature, Target};

/// MiB; no text here, unlike everywhere else.
const SHARED_MEMORY: Kind = Kind::Whole {
    min: 1,
    max: i64::MAX,
    as_text: false,
};
const PORT: Kind = Kind::Whole {
    min: 1,
    max: 65_535,
    as_text: true,
};
const PULL_POLICY: Kind = Kind::OneOf(&["Always", "IfNotPresent", "Never"]);
const NO_GANG: &str = "it is for gangs, of which Airflow has none";
const UNUSED: &str = "the interpreter comes from the environment of the step";

pub(super) static DECORATOR: Decorator = Decorator {
    needs: Some(Feature::Kubernetes),
    ..Decorator::new(
        "kubernetes",
        Level::Step(lower),
        &[
            Attribute::new("cpu", "'1'", Kind::POSITIVE).never_none(),
            Attribute::new("memory", "'4096'", Kind::POSITIVE).never_none(),
            Attribute::new("disk", "'10240'", Kind::POSITIVE).never_none(),
            Attribute::new("image", "None", Kind::Text).or_falsy(),
            Attribute::new("image_pull_policy", "None", PULL_POLICY)
                .unchecked()
                .or_falsy(),
            Attribute::new("image_pull_secrets", "None", Kind::Texts)
                .unchecked()
                .or_falsy(),
            Attribute::new("service_account", "None", Kind::Text).unchecked(),
            Attribute::new("secrets", "None", Kind::TextOrTexts).unchecked(),
            Attribute::new("node_selector", "None", Kind::Any),
            Attribute::new("namespace", "None", Kind::Text).unchecked(),
            Attribute::new("gpu", "None", Kind::whole_from(i64::MIN)),
            Attribute::new("gpu_vendor", "None", Kind::OneOf(&["nvidia", "amd"])).or_falsy(),
            Attribute::new("tolerations", "None", Kind::Any),
            Attribute::new("labels", "None", Kind::Map),
            Attribute::new("annotations", "None", Kind::Map),
            Attribute::new("use_tmpfs", "None", Kind::Bool).harmless(),
            Attribute::new("tmpfs_tempdir", "True", Kind::Bool).harmless(),
            Attribute::new("tmpfs_size", "None", Kind::whole_from(1)).or_falsy(),
            Attribute::new("tmpfs_path", "'/metaflow_temp'", Kind::Text).unchecked(),
            Attribute::new("persistent_volume_claims", "None", Kind::TextMap)
                .unchecked()
                .or_falsy(),
            Attribute::new("shared_memory", "None", SHARED_MEMORY).or_falsy(),
            Attribute::new("port", "None", PORT).unchecked().or_falsy(),
            Attribute::new("compute_pool", "None", Kind::Text).unchecked(),
            Attribute::new("executable", "None", Kind::Text)
                .harmless()
                .ignored_on(Target::Argo, UNUSED)
                .ignored_on(Target::Airflow, UNUSED),
            Attribute::new("hostname_resolution_timeout", "600", Kind::whole_from(1))
                .harmless()
                .ignored_on(Target::Airflow, NO_GANG),
            Attribute::new("qos", "'burstable'", Kind::OneOf(&["Guaranteed", "Burstable"])),
            Attribute::new("extended_resources", "{}", Kind::Map).unchecked(),
            Attribute::new("security_context", "None", Kind::Map).unchecked(),
        ],
    )
};

fn lower(attributes: &Attributes<'_>, request: &mut Request) {
    request.compute = Compute::Kubernetes(Box::new(KubernetesRequest {
        cpu: attributes.value("cpu"),
        memory: attributes.value("memory"),
        disk: attributes.value("disk"),
        image: attributes.text("image"),
        image_pull_policy: attributes.text("image_pull_policy"),
        image_pull_secrets: attributes.value("image_pull_secrets"),
        service_account: attributes.text("service_account"),
        secrets: attributes.value("secrets"),
        node_selector: attributes.value("node_selector"),
        namespace: attributes.text("namespace"),
        gpu: attributes.value("gpu"),
        gpu_vendor: attributes.text("gpu_vendor"),
        tolerations: attributes.value("tolerations"),
        labels: attributes.value("labels"),
        annotations: attributes.value("annotations"),
        use_tmpfs: attributes.flag("use_tmpfs"),
        tmpfs_tempdir: attributes.flag("tmpfs_tempdir"),
        tmpfs_size: attributes.value("tmpfs_size"),
        tmpfs_path: attributes.text("tmpfs_path"),
        persistent_volume_claims: attributes.value("persistent_volume_claims"),
        shared_memory: attributes.value("shared_memory"),
        port: attributes.value("port"),
        compute_pool: attributes.text("compute_pool"),
        executable: attributes.text("executable"),
        hostname_resolution_timeout: attributes.value("hostname_resolution_timeout"),
        qos: attributes.text("qos"),
        extended_resources: attributes.value("extended_resources"),
        security_context: attributes.value("security_context"),
    }));
}
