package dev.tokenbroker.edges.http.token;

import static dev.tokenbroker.edges.http.token.TokenClient.exchangeOf;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.jose.TestKey;
import dev.tokenbroker.edges.edge.Http;
import dev.tokenbroker.edges.edge.ProxyProfile;
import dev.tokenbroker.edges.grpc.TestFederation;
import dev.tokenbroker.edges.http.token.TokenClient.Answer;
import dev.tokenbroker.edges.http.token.TokenClient.Form;
import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.judge.possession.TestProof;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpClient.Version;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is served under the path of an issuer whose path is not in normal form. */
@QuarkusTest
@TestProfile(ProxyProfile.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OddIssuerLiveTest {

  private static final String ORIGIN = ProxyProfile.ORIGIN;
  private static final String PATH = ProxyProfile.PATH;
  private static final TestKey KEY = TestKey.generate("holder", SigningAlgorithm.ES256);

  @Inject Federations federations;
  @TestHTTPResource URI url;

  @AutoClose private final FakeIssuer issuer = FakeIssuer.start();
  @AutoClose private TokenClient client;

  @BeforeAll
  void start() {
    new TestFederation().issuer("good", issuer.issuer()).load(federations);
    client = new TokenClient(url, Version.HTTP_1_1);
  }

  @Test
  void serves_all_that_the_metadata_names() throws Exception {
    HttpResponse<String> discovery = get(PATH + "/.well-known/openid-configuration");
    assertThat(discovery.statusCode()).isEqualTo(200);
    assertThat(discovery.headers().allValues("Date")).hasSize(1);
    Map<String, Object> metadata = JSONObjectUtils.parse(discovery.body());

    assertThat(get(path(metadata, "jwks_uri")).statusCode()).isEqualTo(200);
    for (String endpoint :
        List.of("token_endpoint", "introspection_endpoint", "revocation_endpoint")) {
      assertThat(get(path(metadata, endpoint)).statusCode()).as(endpoint).isEqualTo(405);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"//a%7Eb", "/a~b"})
  void describes_the_server_as_written_and_in_normal_form(String path) {
    assertThat(get("/.well-known/oauth-authorization-server" + path).statusCode()).isEqualTo(200);
    assertThat(get("/.well-known/oauth-authorization-server" + path + "b").statusCode())
        .isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(strings = {"//a~b", "/a%7eb", "/x/../a~b", "//a%7Eb/.."})
  void knows_no_other_spelling_of_the_path(String path) {
    assertThat(get("/.well-known/oauth-authorization-server" + path).statusCode()).isEqualTo(404);
  }

  @ParameterizedTest
  @CsvSource({
    "/a~b/token, /a~b/token, DPoP",
    "//a%7Eb/token, //a%7Eb/token, DPoP",
    "/a~b/token, /token, DPOP_PROOF_MISDIRECTED",
    "/token, /token, DPoP",
    "/token, /a~b/token, DPOP_PROOF_MISDIRECTED"
  })
  void accepts_a_proof_for_the_address_that_received_the_request(
      String sentTo, String provedFor, String outcome) {
    assertThat(exchange(sentTo, at(provedFor).toString())).isEqualTo(outcome);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/a~b/token", "/token"})
  void accepts_a_proof_for_our_issuer_even_if_a_proxy_cuts_the_path(String sentTo) {
    assertThat(exchange(sentTo, ORIGIN + PATH + "/token")).isEqualTo("DPoP");
    assertThat(exchange(sentTo, ORIGIN + "/token")).isEqualTo("DPOP_PROOF_MISDIRECTED");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/a~b/token", "//a%7Eb/token", "/token"})
  void keeps_the_query_and_takes_a_proof_that_has_none(String sentTo) {
    String proved = ORIGIN + PATH + "/token";
    Form unnamed = exchangeOf(issuer.credential()).without("audience");

    assertThat(exchange(unnamed, sentTo + "?audience=payments-api", proved)).isEqualTo("DPoP");
    assertThat(exchange(unnamed, sentTo + "?resource=payments%3Aapi", proved))
        .isEqualTo("TARGET_UNKNOWN");
    for (String query : List.of("audience=orders", "client_secret=x", "subject_token=x", "x")) {
      assertThat(exchange(exchangeOf(issuer.credential()), sentTo + "?" + query, proved))
          .as(query)
          .isEqualTo("REQUEST_INVALID");
    }
  }

  private String exchange(String sentTo, String provedFor) {
    return exchange(exchangeOf(issuer.credential()), sentTo, provedFor);
  }

  /** The type of the token, or the reason why there is none. */
  private String exchange(Form form, String sentTo, String provedFor) {
    String proof = TestProof.of(KEY, "POST", provedFor, Instant.now()).signed();
    Answer answer = client.post(form, request -> request.uri(at(sentTo)).setHeader("DPoP", proof));
    return answer.text("token_type") + answer.text("reason");
  }

  private static String path(Map<String, Object> metadata, String name) {
    return String.valueOf(metadata.get(name)).substring(ORIGIN.length());
  }

  private URI at(String path) {
    return URI.create("http://" + url.getAuthority() + path);
  }

  private HttpResponse<String> get(String path) {
    return Http.get(at(path));
  }
}
