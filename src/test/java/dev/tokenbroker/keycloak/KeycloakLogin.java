package dev.tokenbroker.keycloak;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A person with a browser at Keycloak's login page: follows redirects and fills in the forms. */
final class KeycloakLogin implements AutoCloseable {

  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Pattern FORM =
      Pattern.compile("(?s)<form[^>]*?action=\"([^\"]+)\".*?</form>");
  private static final Pattern INPUT = Pattern.compile("<input[^>]*type=\"hidden\"[^>]*>");
  private static final Pattern ATTRIBUTE = Pattern.compile("(name|value)=\"([^\"]*)\"");
  private static final int MOST_STEPS = 12;

  private final HttpClient http = HttpClient.newHttpClient();
  private final Map<String, String> cookies = new HashMap<>();
  private final Map<String, String> answers;

  /**
   * @param user for the login form
   * @param password of the user
   */
  KeycloakLogin(String user, String password) {
    answers = Map.of("username", user, "password", password);
  }

  /**
   * Opens a page, logs in, and agrees to what is asked.
   *
   * @return the first address that is not Keycloak's, which is not opened; else the last page's
   */
  URI open(URI page) throws IOException {
    URI at = page;
    HttpResponse<String> response = send(HttpRequest.newBuilder(at).GET());
    for (int step = 0; step < MOST_STEPS; step++) {
      String location = response.headers().firstValue("Location").orElse("");
      if (!location.isEmpty()) {
        at = at.resolve(location);
        if (!at.getAuthority().equals(page.getAuthority())) {
          return at;
        }
        response = send(HttpRequest.newBuilder(at).GET());
        continue;
      }
      if (response.statusCode() != 200) {
        throw new IOException(at + ": " + response.statusCode() + " " + response.body());
      }
      Matcher form = FORM.matcher(response.body());
      if (!form.find()) {
        return at;
      }
      at = at.resolve(form.group(1).replace("&amp;", "&"));
      response =
          send(
              HttpRequest.newBuilder(at)
                  .header("Content-Type", "application/x-www-form-urlencoded")
                  .POST(BodyPublishers.ofString(filledIn(form.group()))));
    }
    throw new IOException("The login does not end: " + at + " " + response.body());
  }

  /** The hidden fields of a form, with what the person types or presses. */
  private String filledIn(String form) {
    Map<String, String> fields = new HashMap<>();
    Matcher input = INPUT.matcher(form);
    while (input.find()) {
      Map<String, String> attributes = new HashMap<>();
      Matcher attribute = ATTRIBUTE.matcher(input.group());
      while (attribute.find()) {
        attributes.put(attribute.group(1), attribute.group(2));
      }
      fields.put(attributes.getOrDefault("name", ""), attributes.getOrDefault("value", ""));
    }
    if (form.contains("name=\"password\"")) {
      fields.putAll(answers);
    } else {
      fields.put("accept", "Yes");
    }
    return encode(fields);
  }

  static String encode(Map<String, String> fields) {
    return fields.entrySet().stream()
        .map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), UTF_8))
        .collect(Collectors.joining("&"));
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws IOException {
    if (!cookies.isEmpty()) {
      request.header(
          "Cookie",
          cookies.entrySet().stream()
              .map(cookie -> cookie.getKey() + "=" + cookie.getValue())
              .collect(Collectors.joining("; ")));
    }
    try {
      HttpResponse<String> response =
          http.send(request.timeout(LIMIT).build(), BodyHandlers.ofString());
      for (String cookie : response.headers().allValues("Set-Cookie")) {
        String[] pair = cookie.split(";", 2)[0].split("=", 2);
        cookies.put(pair[0], pair[1]);
      }
      return response;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted while Keycloak answers", e);
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
