package dev.tokenbroker.interop;

import dev.tokenbroker.judge.issuer.FakeIssuer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** nginx in front of the broker, with the file and the settings that container.md prints. */
@Tag("interop")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NginxIT implements ProxyContract {

  private final FakeIssuer issuer = FakeIssuer.start();
  private final FakeIssuer down = FakeIssuer.start();

  // Both are there before the first test.
  @SuppressWarnings("NullAway.Init")
  private InteropBroker broker;

  @SuppressWarnings("NullAway.Init")
  private ServerProcess proxy;

  @BeforeAll
  void start(@TempDir Path directory) throws IOException {
    DebianProgram.NGINX.requirePresent();
    down.answer(FakeIssuer.Answer.SERVER_ERROR);
    broker =
        InteropBroker.startBehindProxy(
            directory,
            InteropFederation.of(Map.of("good", issuer, "down", down)),
            Map.of("token-broker.issuer.key-cool-down", "1s"));
    Path file = Files.writeString(directory.resolve("nginx.conf"), configuration(directory));
    proxy =
        ServerProcess.start(
            DebianProgram.NGINX,
            broker.port(),
            directory.resolve("nginx.log"),
            "-p",
            directory.toString(),
            "-e",
            "stderr",
            "-c",
            file.toString(),
            "-g",
            "daemon off; pid nginx.pid;");
  }

  @AfterAll
  void stop() {
    proxy.close();
    broker.close();
    issuer.close();
    down.close();
  }

  @Override
  public InteropBroker broker() {
    return broker;
  }

  @Override
  public FakeIssuer issuer() {
    return issuer;
  }

  @Override
  public FakeIssuer down() {
    return down;
  }

  /** With ports of this machine, and with files where a process without rights may write. */
  private String configuration(Path directory) {
    Map<String, String> changes = new LinkedHashMap<>();
    changes.put("listen 443 ssl", "listen 127.0.0.1:" + broker.port() + " ssl");
    changes.put("127.0.0.1:9000", "127.0.0.1:" + broker.ownGrpcPort());
    changes.put("127.0.0.1:8080", "127.0.0.1:" + broker.ownHttpPort());
    changes.put("/etc/nginx/tls", directory.toString());
    changes.put(
        "http {\n",
        """
        http {
          access_log off;
          client_body_temp_path body;
          proxy_temp_path proxy;
          fastcgi_temp_path fastcgi;
          uwsgi_temp_path uwsgi;
          scgi_temp_path scgi;
        """);
    return Documented.changed(
        Documented.block("operate/container.md", "nginx", "/etc/nginx/nginx.conf"), changes);
  }
}
