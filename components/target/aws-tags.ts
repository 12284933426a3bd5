import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../config";

/** Tags of everything that a stack makes on AWS: whose it is, who pays, and what made it. */
export function tagsOf(settings: Settings): Record<string, string> {
    const { owner, costCenter, environment } = settings.aws!;
    return {
        "cost-center": costCenter,
        environment,
        "managed-by": "pulumi",
        owner,
        project: "lakehouse",
        stack: settings.stack,
    };
}

/**
 * Adds tags to every resource of AWS from now on that can have some. The SDK tells which can: it gives just these an input
 * `tags` and an output `tagsAll`. One transformation, instead of the provider's default tags, because the tags then stand in the
 * resources' inputs, where tests, policies and previews see them; and one that runs in this process, so that tests run it too.
 */
export function tagEverything(tags: Readonly<Record<string, string>>): void {
    pulumi.runtime.registerStackTransformation(tagging(tags));
}

/** The transformation behind {@link tagEverything}; a resource's own tags win. */
export function tagging(tags: Readonly<Record<string, string>>): pulumi.ResourceTransformation {
    return ({ type, props, opts }) => {
        if (!type.startsWith("aws:") || !("tags" in props) || !("tagsAll" in props)) {
            return undefined;
        }
        const own = pulumi.output((props as { tags: pulumi.Input<Record<string, string>> | undefined }).tags);
        const merged = own.apply((each) => ({ ...tags, ...each }));
        return { props: { ...props, tags: merged }, opts };
    };
}
