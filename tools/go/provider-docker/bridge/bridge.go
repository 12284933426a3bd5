// Package bridge describes the Docker provider as a Pulumi provider.
package bridge

import (
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/tokens"
	"github.com/terraform-providers/terraform-provider-docker/internal/provider"
)

// Provider returns what the plugin serves: the resources of the same upstream under the tokens and property names
// of the published plugin, as far as they differ from what the bridge's rules give.
func Provider(version string) tfbridge.ProviderInfo {
	info := tfbridge.ProviderInfo{
		P:       shim.NewProvider(provider.New(version)()),
		Name:    "docker",
		Version: version,
		// There is no copy of the upstream's documentation: the schema has the descriptions of its fields only.
		UpstreamRepoPath: ".",
		Config: map[string]*tfbridge.SchemaInfo{
			"registry_auth": singular("registryAuth"),
		},
		Resources: map[string]*tfbridge.ResourceInfo{
			"docker_container": {
				// Names and ports are taken as long as the old container lives.
				DeleteBeforeReplace: true,
				Fields: map[string]*tfbridge.SchemaInfo{
					"command":           singular("command"),
					"networks_advanced": singular("networksAdvanced"),
				},
			},
			"docker_image": {
				Tok: tfbridge.MakeResource("docker", "index", "RemoteImage"),
				// Names an existing image: never made up, as the names below are.
				Fields: map[string]*tfbridge.SchemaInfo{"name": singular("name")},
			},
			"docker_config": {
				Tok: tfbridge.MakeResource("docker", "index", "ServiceConfig"),
			},
		},
		DataSources: map[string]*tfbridge.DataSourceInfo{
			"docker_image": {
				Tok: tfbridge.MakeDataSource("docker", "index", "getRemoteImage"),
			},
		},
	}
	info.MustComputeTokens(tokens.SingleModule("docker_", "index", tokens.MakeStandard("docker")))
	info.SetAutonaming(255, "-")
	return info
}

// singular keeps a name as it is, which the bridge would otherwise put into the plural.
func singular(name string) *tfbridge.SchemaInfo {
	return &tfbridge.SchemaInfo{Name: name}
}
