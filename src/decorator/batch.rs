//! `@batch`: the step runs on AWS Batch. Metaflow 2.19: `aws/batch/batch_decorator.py`.

use super::{Attribute, Attributes, Decorator, Kind, Level};
use crate::request::{BatchRequest, Compute, Request};
use crate::target::{Feature, Target};

const SWAPPINESS: Kind = Kind::Whole {
    min: 0,
    max: 99,
    as_text: true,
};

pub(super) static DECORATOR: Decorator = Decorator {
    needs: Some(Feature::Batch),
    ..Decorator::new(
        "batch",
        Level::Step(lower),
        &[
            Attribute::new("cpu", "None", Kind::POSITIVE),
            Attribute::new("gpu", "None", Kind::whole_from(i64::MIN)),
            Attribute::new("memory", "None", Kind::POSITIVE),
            Attribute::new("image", "None", Kind::Text).or_falsy(),
            Attribute::new("queue", "None", Kind::Text).unchecked(),
            Attribute::new("iam_role", "None", Kind::Text).unchecked(),
            Attribute::new("execution_role", "None", Kind::Text).unchecked(),
            Attribute::new("shared_memory", "None", Kind::POSITIVE).unchecked(),
            Attribute::new("max_swap", "None", Kind::whole_from(0)).unchecked(),
            Attribute::new("swappiness", "None", SWAPPINESS).unchecked(),
            Attribute::new("inferentia", "None", Kind::whole_from(0)).unchecked(),
            Attribute::new("trainium", "None", Kind::whole_from(0)).unchecked(),
            Attribute::new("efa", "None", Kind::whole_from(0)).unchecked(),
            Attribute::new("host_volumes", "None", Kind::TextOrTexts).unchecked(),
            Attribute::new("efs_volumes", "None", Kind::TextOrTexts).unchecked(),
            Attribute::new("use_tmpfs", "False", Kind::Bool).harmless(),
            Attribute::new("aws_batch_tags", "None", Kind::Map),
            Attribute::new("tmpfs_tempdir", "True", Kind::Bool).harmless(),
            Attribute::new("tmpfs_size", "None", Kind::whole_from(1))
                .unchecked()
                .or_falsy(),
            Attribute::new("tmpfs_path", "'/metaflow_temp'", Kind::Text).or_falsy(),
            Attribute::new("ephemeral_storage", "None", Kind::whole_from(1)).unchecked(),
            Attribute::new("log_driver", "None", Kind::Text).unchecked(),
            Attribute::new("log_options", "None", Kind::TextOrTexts).unchecked(),
            Attribute::new("executable", "None", Kind::Text)
                .harmless()
                .ignored_on(
                    Target::StepFunctions,
                    "the interpreter comes from the environment of the step",
                ),
            Attribute::new("privileged", "False", Kind::Bool).harmless(),
        ],
    )
};

fn lower(attributes: &Attributes<'_>, request: &mut Request) {
    request.compute = Compute::Batch(Box::new(BatchRequest {
        cpu: attributes.value("cpu"),
        gpu: attributes.value("gpu"),
        memory: attributes.value("memory"),
        image: attributes.text("image"),
        queue: attributes.text("queue"),
        iam_role: attributes.text("iam_role"),
        execution_role: attributes.text("execution_role"),
        shared_memory: attributes.value("shared_memory"),
        max_swap: attributes.value("max_swap"),
        swappiness: attributes.value("swappiness"),
        inferentia: attributes.value("inferentia"),
        trainium: attributes.value("trainium"),
        efa: attributes.value("efa"),
        host_volumes: attributes.value("host_volumes"),
        efs_volumes: attributes.value("efs_volumes"),
        use_tmpfs: attributes.flag("use_tmpfs"),
        aws_batch_tags: attributes.value("aws_batch_tags"),
        tmpfs_tempdir: attributes.flag("tmpfs_tempdir"),
        tmpfs_size: attributes.value("tmpfs_size"),
        tmpfs_path: attributes.text("tmpfs_path"),
        ephemeral_storage: attributes.value("ephemeral_storage"),
        log_driver: attributes.text("log_driver"),
        log_options: attributes.value("log_options"),
        executable: attributes.text("executable"),
        privileged: attributes.flag("privileged"),
    }));
}
