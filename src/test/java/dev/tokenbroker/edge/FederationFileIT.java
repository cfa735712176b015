package dev.tokenbroker.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.grpc.BrokerClient;
import dev.tokenbroker.grpc.Eventually;
import dev.tokenbroker.issuer.FakeIssuer;
import io.grpc.Status.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The federation document on disk: bad, mended, and swapped as a cluster swaps a ConfigMap. */
class FederationFileIT {

  @TempDir Path directory;

  @Test
  void starts_with_a_bad_document_and_keeps_the_last_good_one() throws Exception {
    try (FakeIssuer issuer = FakeIssuer.start()) {
      String good = Documents.granting("payments-api", issuer);
      mount("first", good.replace("name: all", "nmae: all").replace("'true'", "claims.x +"));
      try (BrokerProcess broker =
              new BrokerProcess.Setup(directory)
                  .with("token-broker.federation.poll-interval", "100ms")
                  .start();
          BrokerClient client = broker.client()) {
        broker.awaitLine(
            line -> line.contains("federation.yaml:6: ") && line.contains("unknown key 'nmae'"));
        broker.awaitLine(line -> line.contains("federation.yaml:6: 'when', column 11: "));
        assertThat(Http.status(broker.uri("/q/health/ready"))).isEqualTo(503);
        assertThat(Http.status(broker.uri("/q/health/live"))).isEqualTo(200);

        mount("second", good);
        assertThat(grants(client, issuer, "payments-api")).isTrue();
        assertThat(
                Eventually.see(
                    () -> Http.status(broker.uri("/q/health/ready")), status -> status == 200))
            .isEqualTo(200);

        mount("third", good.replace("payments-api", "orders").replace("5m", "never"));
        broker.awaitLine(line -> line.contains("federation.yaml:4: ") && line.contains("never"));
        assertThat(grants(client, issuer, "payments-api")).isTrue();

        mount("fourth", good.replace("payments-api", "orders"));
        assertThat(grants(client, issuer, "orders")).isTrue();
        assertThat(client.exchange(Documents.request("payments-api", issuer)).code())
            .isNotEqualTo(Code.OK);
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
