import * as path from "path";
import * as ts from "typescript";

import { ObjectShape, Shape } from "./shape";

/** Reads the input types of resources out of the type declarations of installed SDKs. */
export class SdkInputs {
    private readonly checker: ts.TypeChecker;
    private readonly program: ts.Program;

    /** @param packages names such as `@pulumi/docker` */
    constructor(packages: string[]) {
        const roots = packages.map((name) =>
            path.join(path.dirname(require.resolve(`${name}/package.json`)), "index.d.ts"),
        );
        this.program = ts.createProgram(roots, { strict: true, skipLibCheck: true, types: [], noEmit: true });
        this.checker = this.program.getTypeChecker();
    }

    /** The shape of the exported interface `<resource>Args`. */
    resource(packageName: string, resource: string): ObjectShape {
        const fileName = `${resource.charAt(0).toLowerCase()}${resource.slice(1)}.d.ts`;
        const source = this.program
            .getSourceFiles()
            .find((file) => file.fileName.endsWith(`/${packageName}/${fileName}`));
        const module = source && this.checker.getSymbolAtLocation(source);
        const args =
            module && this.checker.getExportsOfModule(module).find((symbol) => symbol.name === `${resource}Args`);
        if (args === undefined) throw new Error(`${packageName} exports no ${resource}Args`);
        return this.object(this.checker.getDeclaredTypeOfSymbol(args), resource);
    }

    private object(type: ts.Type, place: string): ObjectShape {
        const properties = Object.fromEntries(
            this.checker.getPropertiesOfType(type).map((property) => {
                const here = `${place}.${property.name}`;
                const required = (property.flags & ts.SymbolFlags.Optional) === 0;
                return [property.name, { required, type: this.shape(this.checker.getTypeOfSymbol(property), here) }];
            }),
        );
        return { kind: "object", properties };
    }

    /** `Input<T>` is `T | Promise<T> | Output<T>`: the shape is that of the member which is neither wrapped nor undefined. */
    private shape(type: ts.Type, place: string): Shape {
        const members = (type.isUnion() ? type.types : [type]).filter((member) => !this.isWrapper(member));
        const flags = members.reduce((all, member) => all | member.flags, 0);
        if (flags & ts.TypeFlags.Any) return { kind: "any" };
        if (members.every((member) => member.flags & ts.TypeFlags.BooleanLike)) return { kind: "boolean" };
        const [member, ...others] = members;
        if (member === undefined || others.length > 0)
            throw new Error(`${place}: unexpected type ${this.checker.typeToString(type)}`);
        if (member.flags & ts.TypeFlags.String) return { kind: "string" };
        if (member.flags & ts.TypeFlags.Number) return { kind: "number" };
        const element =
            this.checker.isArrayType(member) && this.checker.getTypeArguments(member as ts.TypeReference)[0];
        if (element) return { kind: "array", of: this.shape(element, `${place}[]`) };
        const value = member.getStringIndexType();
        if (value) return { kind: "map", of: this.shape(value, `${place}[]`) };
        return this.object(member, place);
    }

    private isWrapper(type: ts.Type): boolean {
        if (type.flags & ts.TypeFlags.Undefined) return true;
        const name = type.aliasSymbol?.name ?? type.symbol?.name;
        // An Output is an intersection of its own interface with the lifted properties of what it holds.
        return name === "Promise" || name === "Output" || name === "OutputInstance" || type.isIntersection();
    }
}
