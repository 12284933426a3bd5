import pulumi from "@pulumi/eslint-plugin";
import tseslint from "typescript-eslint";

export default tseslint.config(
    { ignores: ["node_modules/", ".pulumi/", "eslint.config.mjs"] },
    {
        files: ["**/*.ts"],
        extends: [...tseslint.configs.recommendedTypeChecked],
        plugins: { "@pulumi": pulumi },
        languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
        rules: {
            "@pulumi/no-output-in-template-literal": "error",
            "@pulumi/no-output-instance-in-template-literal": "error",
            "@typescript-eslint/switch-exhaustiveness-check": "error",
            eqeqeq: "error",
        },
    },
    {
        // A component's backend is loaded where it is used.
        files: ["components/*/index.ts"],
        rules: { "@typescript-eslint/no-require-imports": "off" },
    },
);
