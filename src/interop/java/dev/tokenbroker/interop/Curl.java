package dev.tokenbroker.interop;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * The curl on the path, which trusts one broker's certificate and no other.
 *
 * @param directory for what it writes
 */
record Curl(InteropBroker broker, Path directory) {

  /**
   * One answer.
   *
   * @param exit curl's own exit code, 0 where there was an answer
   * @param version of HTTP, as {@code 1.1} or {@code 2}
   * @param headers by lower-case name; the last one of a name that comes twice
   * @param body of a HEAD: the headers, which curl writes in its place
   */
  record Reply(int exit, String version, int status, Map<String, String> headers, String body) {

    String header(String name) {
      return headers.getOrDefault(name, "");
    }
  }

  /** Asks for that path with those options beside the certificate's. */
  Reply ask(String path, String... options) {
    return ask(List.of(), path, options);
  }

  /** The same with what that file holds, without the newline at its end, on standard input. */
  Reply askWith(Path file, String path, String... options) {
    String piped = "file=$1; shift; printf %s \"$(cat \"$file\")\" | \"$@\"";
    return ask(List.of("sh", "-c", piped, "sh", file.toString()), path, options);
  }

  /** The token for that audience, by the JWT grant; the credential is in a file. */
  String token(Path credential, String audience) {
    Reply reply =
        ask(
            "/token",
            "--data-urlencode",
            "grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer",
            "--data-urlencode",
            "assertion@" + credential,
            "--data-urlencode",
            "audience=" + audience);
    try {
      return Objects.requireNonNull(
          JSONObjectUtils.getString(JSONObjectUtils.parse(reply.body()), "access_token"));
    } catch (ParseException broken) {
      throw new AssertionError(reply.toString(), broken);
    }
  }

  private Reply ask(List<String> prefix, String path, String... options) {
    Path head = directory.resolve("head");
    Path body = directory.resolve("body");
    List<String> command = new ArrayList<>(prefix);
    command.addAll(
        List.of(
            "curl",
            "--silent",
            "--max-time",
            "20",
            "--noproxy",
            "*",
            "--cacert",
            broker.root().toString(),
            "--dump-header",
            head.toString(),
            "--output",
            body.toString(),
            "--write-out",
            "%{http_version} %{http_code}"));
    command.addAll(List.of(options));
    command.add(broker.url() + path);
    try {
      Files.writeString(body, "");
      Process curl = new ProcessBuilder(command).start();
      String[] written = new String(curl.getInputStream().readAllBytes(), UTF_8).split(" ", -1);
      int exit = curl.waitFor();
      return new Reply(
          exit,
          written[0],
          Integer.parseInt(written[1]),
          headers(Files.readAllLines(head)),
          Files.readString(body));
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError(interrupted);
    }
  }

  private static Map<String, String> headers(List<String> lines) {
    Map<String, String> headers = new TreeMap<>();
    for (String line : lines) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        headers.put(
            line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
      }
    }
    return headers;
  }
}
