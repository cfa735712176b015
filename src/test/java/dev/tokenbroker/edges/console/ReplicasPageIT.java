package dev.tokenbroker.edges.console;

import dev.tokenbroker.peers.http.FakeServer;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import dev.tokenbroker.peers.http.FakeServer.Request;
import dev.tokenbroker.peers.store.DifferingReplicas;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The replicas in the console, in a real browser, with a real Valkey. */
@Tag("browser")
class ReplicasPageIT {

  @TempDir Path directory;

  @Test
  void marks_revisions_that_are_not_equal() {
    try (DifferingReplicas replicas = DifferingReplicas.start(directory);
        FakeServer stage = FakeServer.start(request -> answer(replicas, request))) {
      BrowserTests.pass("replicas.test.mjs", replicas.url(), stage.origin());
    }
  }

  private static Reply answer(DifferingReplicas replicas, Request request) {
    String text =
        switch (request.target()) {
          case "/token" -> replicas.operatorToken();
          case "/agree" -> {
            replicas.agree();
            yield "";
          }
          default -> throw new IllegalArgumentException(request.target());
        };
    return Reply.of(200, Map.of("Content-Type", "text/plain"), text);
  }
}
