import { leaves, type Resource, type Rule, wrong } from "../rule";

/** Names of what only its owner may know. */
const SECRET_NAME = /(pass(word|wd|phrase)?|secret|token|credentials?|fernet|(api|access|private|secret)[_-]?key)$/i;
/** Where such a name stands for something else: a choice, not a value. */
const NOT_A_VALUE = /^(automountServiceAccountToken|publicKeyToken)$/;
/** What the recorder makes up for generated passwords and registry tokens, and what a user sets as a secret. */
const MADE_UP = /generated-|registry-token/;

/** The first part of a path: secrecy is known of whole inputs. */
const inputOf = (path: string): string => path.split(".")[0]!;

/** Whether a leaf has a value that must be secret by its name; of an environment variable, the name stands beside it. */
function isNamedSecret(path: string, value: unknown, inputs: unknown): boolean {
    if (typeof value !== "string" || value === "") {
        return false;
    }
    const parts = path.split(".");
    const key = parts.at(-1)!;
    if (key === "value") {
        const beside = leaves(inputs).find(([other]) => other === [...parts.slice(0, -1), "name"].join("."));
        return SECRET_NAME.test(String(beside?.[1]));
    }
    return SECRET_NAME.test(key) && !NOT_A_VALUE.test(key);
}

export const noPlainSecret: Rule = {
    name: "no secret in plain text",
    description: "Passwords, keys and tokens are encrypted in the state and never shown by a preview.",
    check: (resource) => {
        const { type, inputs, secretInputs } = resource;
        const plain = leaves(inputs).filter(([path]) => !secretInputs.includes(inputOf(path)));
        const found = plain
            .filter(([path, value]) => isNamedSecret(path, value, inputs) || MADE_UP.test(String(value)))
            .map(([path]) => wrong(resource, path, "is a secret in plain text"));
        const held = ["data", "stringData"].filter((input) => input in inputs && !secretInputs.includes(input));
        return type === "kubernetes:core/v1:Secret"
            ? [...held.map((input) => wrong(resource, input, "is a secret in plain text")), ...found]
            : found;
    },
};

/** Types that may hold a secret, and in which inputs; anything else is readable by more than it should be. */
const HOLDERS: Record<string, readonly string[]> = {
    "aws:rds/instance:Instance": ["password"],
    "aws:secretsmanager/secretVersion:SecretVersion": ["secretString"],
    "kubernetes:core/v1:Secret": ["data", "stringData"],
    "pulumi:providers:docker": ["registryAuth"],
};

/** Inputs of a resource that hold a secret's value. */
const withSecrets = ({ inputs, secretInputs }: Resource): string[] => [
    ...new Set([
        ...secretInputs,
        ...leaves(inputs)
            .filter(([, value]) => MADE_UP.test(String(value)))
            .map(([path]) => inputOf(path)),
    ]),
];

export const secretsInTheirPlace: Rule = {
    name: "secrets in their place",
    description: "Secrets lie in Kubernetes secrets and Secrets Manager; no config map, pod or chart value holds one.",
    check: (resource) =>
        withSecrets(resource)
            .filter((input) => !HOLDERS[resource.type]?.includes(input))
            .map((input) => wrong(resource, input, "holds a secret")),
};
