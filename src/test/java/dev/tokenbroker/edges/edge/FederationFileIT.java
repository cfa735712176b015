package dev.tokenbroker.edges.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edges.grpc.BrokerClient;
import dev.tokenbroker.edges.grpc.Eventually;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import io.grpc.Status.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The federation document on disk: bad, mended, and swapped as a cluster swaps a ConfigMap. */
@Tag("packaged")
class FederationFileIT {

  @TempDir Path directory;

  @Test
  void keeps_the_last_good_document_and_exits_with_78_at_bad_start() throws Exception {
    try (FakeIssuer issuer = FakeIssuer.start()) {
      String good = Documents.granting("payments-api", issuer);
      String bad = good.replace("name: all", "nmae: all").replace("'true'", "claims.x +");
      mount("first", good);
      BrokerProcess.Setup setup =
          new BrokerProcess.Setup(directory).with("token-broker.federation.poll-interval", "100ms");
      try (BrokerProcess broker = setup.start();
          BrokerClient client = broker.client()) {
        assertThat(grants(client, issuer, "payments-api")).isTrue();

        mount("second", good.replace("payments-api", "orders").replace("5m", "never"));
        broker.awaitLine(line -> line.contains("federation.yaml:4: ") && line.contains("never"));
        assertThat(grants(client, issuer, "payments-api")).isTrue();
        assertThat(Http.status(broker.uri("/q/health/ready"))).isEqualTo(200);

        mount("third", good.replace("payments-api", "orders"));
        assertThat(grants(client, issuer, "orders")).isTrue();
        assertThat(client.exchange(Documents.request("payments-api", issuer)).code())
            .isNotEqualTo(Code.OK);
      }
      mount("fourth", bad);
      try (BrokerProcess broker = setup.launch()) {
        assertThat(broker.awaitExit()).isEqualTo(78);
        assertThat(broker.lines())
            .anyMatch(line -> line.contains(":6: ") && line.contains("unknown key 'nmae'"))
            .anyMatch(line -> line.contains("federation.yaml:6: 'when', column 11: "))
            .noneMatch(line -> line.startsWith("\tat ") || line.contains("listens at"))
            .filteredOn(line -> line.contains("The broker does not start: "))
            .singleElement()
            .asString()
            .contains(" token-broker.federation.path: names a document with 3 problem(s)");
      }
    }
  }

  private static boolean grants(BrokerClient client, FakeIssuer issuer, String audience) {
    return Eventually.see(
                () -> client.exchange(Documents.request(audience, issuer)),
                answer -> answer.code() == Code.OK)
            .code()
        == Code.OK;
  }

  // federation.yaml -> ..data/federation.yaml, and ..data -> a directory of that name, swapped.
  private void mount(String name, String document) throws IOException {
    Path version = Files.createDirectories(directory.resolve(".." + name));
    Documents.write(version, document);
    Path data = directory.resolve("..data");
    Path fresh = Files.createSymbolicLink(directory.resolve("..data_tmp"), version.getFileName());
    Files.move(fresh, data, StandardCopyOption.ATOMIC_MOVE);
    Path file = directory.resolve("federation.yaml");
    if (!Files.isSymbolicLink(file)) {
      Files.createSymbolicLink(file, Path.of("..data", "federation.yaml"));
    }
  }
}
