package dev.tokenbroker.interop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.issue.github.GitHubServer;
import dev.tokenbroker.issue.github.TestGitHub;
import dev.tokenbroker.issue.signing.TestKeyFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** GitHub's own library for Apps, {@code @octokit/auth-app}. */
@Tag("interop")
class OctokitIT {

  /** The library dates JWTs back by 30 s; GitHub's documentation, and so the broker, by 60 s. */
  private static final int FURTHER_BACK = 30;

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"Iv23liAbcDefGhiJkLm", "1234567"})
  void signs_the_same_jwt_as_the_library_if_equally_backdated(String app) throws IOException {
    String key = GitHubServer.pkcs1(TestKeyFiles.rsa(2048));
    Path file = Files.writeString(directory.resolve("app.pem"), key);
    Instant now = Instant.parse("2026-11-24T12:00:00Z");
    try (InteropProgram library = InteropProgram.node("github.mjs")) {
      String token =
          library
              .ask(
                  "jwt",
                  Map.of(
                      "appId", app, "privateKey", key, "now", now.getEpochSecond() - FURTHER_BACK))
              .text("token");

      assertThat(TestGitHub.jwt(app, file, () -> now)).isEqualTo(token);
    }
  }
}
