package dev.tokenbroker.edges.http.token;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** An HTTP client of the token endpoint, that keeps what came back for the assertions. */
public final class TokenClient implements AutoCloseable {

  public static final String TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";
  public static final String JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";
  public static final String CLIENT_ASSERTION_TYPE =
      "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
  public static final String JWT = "urn:ietf:params:oauth:token-type:jwt";

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final String FORM = "application/x-www-form-urlencoded";

  private final URI endpoint;
  private final HttpClient client;

  public TokenClient(URI broker, HttpClient.Version version) {
    this.endpoint = broker.resolve("/token");
    this.client = HttpClient.newBuilder().version(version).build();
  }

  /** Over connections of that client. */
  public TokenClient(URI broker, HttpClient client) {
    this.endpoint = broker.resolve("/token");
    this.client = client;
  }

  /** One parameter of a form. */
  public record Parameter(String name, String value) {}

  /** A form that is being filled in; a name may come more than once. */
  public static final class Form {

    private final List<Parameter> parameters = new ArrayList<>();

    public Form add(String name, String value) {
      parameters.add(new Parameter(name, value));
      return this;
    }

    /** In place of all of that name. */
    public Form set(String name, String value) {
      return without(name).add(name, value);
    }

    public Form without(String name) {
      parameters.removeIf(parameter -> parameter.name().equals(name));
      return this;
    }

    /**
     * Changed by words: {@code name=value} puts that in place of all of the name, {@code
     * +name=value} adds it, {@code -name} leaves all of the name out.
     */
    Form change(String words) {
      for (String word : words.split(" ", -1)) {
        String[] parts = word.split("=", 2);
        switch (word.charAt(0)) {
          case '-' -> without(word.substring(1));
          case '+' -> add(parts[0].substring(1), parts[1]);
          default -> set(parts[0], parts[1]);
        }
      }
      return this;
    }

    public String encoded() {
      return parameters.stream()
          .map(parameter -> encode(parameter.name()) + "=" + encode(parameter.value()))
          .collect(Collectors.joining("&"));
    }

    static String encode(String text) {
      return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
  }

  /** What came of one request. */
  public record Answer(int status, Map<String, List<String>> headers, Map<String, Object> members) {

    public String text(String member) {
      return Objects.toString(members.get(member), "");
    }

    public String header(String name) {
      return String.join(", ", headers.getOrDefault(name, List.of()));
    }
  }

  /** A token exchange that asks for payments-api with that credential. */
  public static Form exchangeOf(String credential) {
    return new Form()
        .add("grant_type", TOKEN_EXCHANGE)
        .add("subject_token", credential)
        .add("subject_token_type", JWT)
        .add("audience", "payments-api");
  }

  /** The same request, spelt as an assertion. */
  public static Form assertionOf(String credential) {
    return new Form()
        .add("grant_type", JWT_BEARER)
        .add("assertion", credential)
        .add("audience", "payments-api");
  }

  /** The same request, spelt as a client's assertion. */
  public static Form clientOf(String credential) {
    return new Form()
        .add("grant_type", "client_credentials")
        .add("client_assertion_type", CLIENT_ASSERTION_TYPE)
        .add("client_assertion", credential)
        .add("audience", "payments-api");
  }

  public Answer post(Form form) {
    return post(form, request -> request);
  }

  public Answer post(Form form, UnaryOperator<HttpRequest.Builder> more) {
    return send(
        more.apply(
            request()
                .setHeader("Content-Type", FORM)
                .POST(BodyPublishers.ofString(form.encoded()))));
  }

  /** A body as it is. */
  public Answer post(byte[] body) {
    return send(request().setHeader("Content-Type", FORM).POST(BodyPublishers.ofByteArray(body)));
  }

  public HttpRequest.Builder request() {
    return HttpRequest.newBuilder(endpoint).timeout(PATIENCE);
  }

  public Answer send(HttpRequest.Builder request) {
    try {
      HttpResponse<String> response = client.send(request.build(), BodyHandlers.ofString());
      Map<String, Object> members =
          response.body().isEmpty() ? Map.of() : JSONObjectUtils.parse(response.body());
      return new Answer(response.statusCode(), response.headers().map(), members);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (ParseException noJson) {
      throw new AssertionError("the broker answered something else than JSON", noJson);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
