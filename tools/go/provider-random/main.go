// Command pulumi-resource-random is the plugin that the engine starts.
package main

import (
	"context"
	"os"
	"path/filepath"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
	"github.com/terraform-providers/terraform-provider-random/pulumi/bridge"
)

// version is set by the build: the version of the SDK that asks for this plugin.
var version = "0.0.1"

func main() {
	tfbridge.Main(context.Background(), "random", bridge.Provider(version), tfbridge.ProviderMetadata{
		PackageSchema: schema(),
	})
}

// schema is the output of ./schema, which the build puts beside the plugin. The engine works without it.
func schema() []byte {
	if self, err := os.Executable(); err == nil {
		if bytes, err := os.ReadFile(filepath.Join(filepath.Dir(self), "schema.json")); err == nil {
			return bytes
		}
	}
	return []byte("{}")
}
