import * as path from "path";
import * as aws from "@pulumi/aws";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { AwsTarget } from "../../target";
import { buildOf, hashImages, hashTree, shortHash } from "../image";
import { inAws } from "./options";

/** Directories of the project that become an image's last layer; a laptop mounts them instead. */
const PROJECT_DIRS: Readonly<Record<string, string>> = { airflow: "dags", dbt: "dbt" };
/** What the nodes of the cluster's own pools run. */
const PLATFORM = "linux/amd64";
/** An older image is of use to a rollback only. */
const IMAGES_KEPT = 20;

/** Host of the account's registry (https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html). */
export function registryHost(target: Pick<AwsTarget, "accountId" | "region">): string {
    return `${target.accountId}.dkr.ecr.${target.region}.amazonaws.com`;
}

/**
 * Builds one of the platform's images, with the project's files in it, and pushes it to a repository of its own. The tag is a
 * hash of all that goes in: an unchanged tree pushes nothing, and a preview knows the reference beforehand.
 *
 * @param name prefix of the logical names
 * @param image name of the target in images/Dockerfile
 * @returns the image's reference; resolves once it is pushed
 */
export function publishImage(
    name: string,
    image: string,
    target: AwsTarget,
    parent: pulumi.Resource,
): pulumi.Output<string> {
    const repositoryName = `${target.prefix}/${image}`;
    const repository = createRepository(name, repositoryName, target, parent);
    const hash = shortHash(hashImages(target).update(PLATFORM));
    const build = { ...buildOf(image, target), platform: PLATFORM };
    const inRegistry = `${registryHost(target)}/${repositoryName}`;

    const directory = PROJECT_DIRS[image];
    let built: docker.RemoteImage;
    if (directory === undefined) {
        built = createImage(`${name}-image`, `${inRegistry}:${hash}`, build, { parent });
    } else {
        const base = `${repositoryName}:${hash}`;
        const withProject = shortHash(hashTree(path.join(target.projectDir, directory)).update(hash));
        built = createImage(
            `${name}-image-with-${directory}`,
            `${inRegistry}:${withProject}`,
            {
                ...build,
                context: ".",
                dockerfile: "images/project.Dockerfile",
                buildArgs: { PLATFORM_IMAGE: base },
            },
            { parent, dependsOn: [createImage(`${name}-image`, base, build, { parent })] },
        );
    }
    return new docker.RegistryImage(
        `${name}-pushed-image`,
        {
            name: built.name,
            // Pods of the former release may still ask for it; the repository's lifecycle removes it.
            keepRemotely: true,
        },
        { parent, provider: target.registry, dependsOn: [repository] },
    ).name;
}

function createImage(
    name: string,
    reference: string,
    build: docker.types.input.RemoteImageBuild,
    opts: pulumi.CustomResourceOptions,
): docker.RemoteImage {
    // On this machine, images are a cache, as they are for the local target.
    return new docker.RemoteImage(name, { name: reference, build, keepLocally: true }, opts);
}

/** A repository whose tags never move, that looks for known holes in what is pushed and forgets what is old. */
function createRepository(
    name: string,
    repositoryName: string,
    target: AwsTarget,
    parent: pulumi.Resource,
): aws.ecr.Repository {
    const repository = new aws.ecr.Repository(
        `${name}-repository`,
        {
            name: repositoryName,
            imageTagMutability: "IMMUTABLE",
            imageScanningConfiguration: { scanOnPush: true },
            encryptionConfigurations: [{ encryptionType: "KMS", kmsKey: target.kmsKeyArn }],
            // Images can be built again, but outside dev nothing is lost without a question.
            forceDelete: target.settings.environment === "dev",
        },
        inAws(target, parent),
    );
    new aws.ecr.LifecyclePolicy(
        `${name}-repository-lifecycle`,
        {
            repository: repository.name,
            policy: JSON.stringify({
                rules: [
                    {
                        rulePriority: 1,
                        description: "The last images stay",
                        selection: { tagStatus: "any", countType: "imageCountMoreThan", countNumber: IMAGES_KEPT },
                        action: { type: "expire" },
                    },
                ],
            }),
        },
        inAws(target, parent),
    );
    return repository;
}
