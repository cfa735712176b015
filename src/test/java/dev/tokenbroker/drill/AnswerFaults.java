package dev.tokenbroker.drill;

import dev.tokenbroker.peers.http.FakeServer.Reply;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Errors of upstreams in the forms of many services, of which only operators see the words. */
final class AnswerFaults {

  /** The name, status, content type, and what operators see; below it the body. */
  private static final String TABLE =
      """
      of Google with a nested error | 403 | application/json | Its error.message is: no role tokenCreator | Remedy by these words: give
        {'error':{'code':403,'message':'no role tokenCreator','status':'PERMISSION_DENIED'}}
      of Google's STS | 400 | application/json | no trust for iss
        {'error':'invalid_grant','error_description':'no trust for iss'}
      in XML | 400 | text/xml | Its body is 49 bytes without a known member.
        <Error><Code>ExpiredTokenException</Code></Error>
      of AWS in JSON | 400 | application/x-amz-json-1.1 | Its Message is: not authorized to perform
        {'__type':'AccessDeniedException','Message':'not authorized to perform'}
      of Entra ID | 401 | application/json | Its error_codes.0 is: 7000222 | 0f8fad5b-d9cb-469f-a165-70867728950e | renew the broker's secret
        {'error':'invalid_client','error_description':'AADSTS7000222: secret keys are expired','error_codes':[7000222],'trace_id':'0f8fad5b-d9cb-469f-a165-70867728950e'}
      of Okta | 403 | application/json | Its errorCode is: E0000006 | app is off
        {'errorCode':'E0000006','errorSummary':'no permission','errorCauses':[{'errorSummary':'app is off'}]}
      of Auth0 | 403 | application/json | client is not enabled
        {'error':'Forbidden','message':'client is not enabled'}
      of Ping | 400 | application/json | Its details.0.message is: bad audience
        {'code':'INVALID_DATA','details':[{'code':'INVALID_VALUE','message':'bad audience'}]}
      of Keycloak | 400 | application/json | Its errorMessage is: client disabled
        {'errorMessage':'client disabled'}
      of Vault | 400 | application/json | Its errors.0 is: permission missing
        {'errors':['permission missing']}
      of GitHub | 401 | application/json | Its message is: Bad credentials | https://docs.example/rest
        {'message':'Bad credentials','documentation_url':'https://docs.example/rest'}
      of GitLab | 400 | application/json | Its message.error.0 is: no project
        {'message':{'base':['scope is unknown'],'error':['no project']}}
      of Kubernetes | 403 | application/json | Its message is: serviceaccounts is forbidden
        {'kind':'Status','status':'Failure','message':'serviceaccounts is forbidden','reason':'Forbidden','code':403}
      of Salesforce | 400 | application/json | Its 0.errorCode is: INVALID_SESSION_ID
        [{'message':'Session is gone','errorCode':'INVALID_SESSION_ID'}]
      of Apigee | 400 | application/json | Its fault.detail.errorcode is: oauth.v2.X
        {'fault':{'faultstring':'bad key','detail':{'errorcode':'oauth.v2.X'}}}
      of SPIRE | 500 | application/json | no signing authority
        {'code':13,'message':'no signing authority','details':[]}
      with problem details | 400 | application/problem+json | Its detail is: audience is off | Its title is: Not here
        {'type':'https://p.example/limit','title':'Not here','detail':'audience is off','instance':'/x/1'}
      with JSON:API | 400 | application/vnd.api+json | Its errors.0.title is: No such thing
        {'errors':[{'status':'400','title':'No such thing','source':{'pointer':'/data'}}]}
      with GraphQL | 400 | application/json | Its errors.0.extensions.code is: BAD_USER
        {'errors':[{'extensions':{'code':'BAD_USER'}}]}
      with plain text | 400 | text/plain | Its text is: no such audience here
        no such audience here
      with a form | 400 | application/x-www-form-urlencoded | Its body is 48 bytes without a known member.
        error=bad_code&error_description=no+such%20thing
      with half of an error | 400 | application/json | Its error is: cut off
        {'error':'cut off','err
      with a byte order mark | 400 | application/json | Its message is: marked
        \uFEFF{'message':'marked'}
      with a JSON string | 400 | application/json | just a string
        'just a string'
      with members of its own | 400 | application/json | Its body is 22 bytes without a known member.
        {'huh':'what','wat':7}
      with deep nesting | 400 | application/json | 400
        {'a':{'a':{'a':{'a':{'a':{'a':{'a':{'error':'deep'}}}}}}}}
      of Cloudflare | 403 | text/html | exempt the address
        <!DOCTYPE html><html class=no-js><title>Attention Required! | Cloudflare</title>
      with a login page | 200 | text/html | exempt the address
        <html><title>Sign in</title><input name='session' value='opaque-token-of-a-session'>
      that repeats our secret | 400 | application/json | Its message is: bad secret (sent by the broker) here
        {'message':'bad secret SECRET here'}
      that repeats our credentials | 400 | text/plain | got (sent by the broker)
        got YnJva2VyOnMzY3IzdC1vZi10aGUtYnJva2Vy
      """;

  private AnswerFaults() {}

  static List<Fault> all() {
    return Stream.concat(rows(), challenges()).toList();
  }

  private static Stream<Fault> rows() {
    Stream<Fault> table =
        Stream.of(TABLE.strip().split("\n(?! )", -1))
            .map(row -> row.strip().split("\n +", -1))
            .map(row -> row(row[0].split(" \\| ", -1), row[1]));
    return Stream.concat(
        table,
        Stream.of(
            row(
                "with control characters",
                400,
                "text/plain",
                "a\u202Eb\u0085c",
                "\\u202E",
                "\\u0085"),
            row(
                "with binary data",
                400,
                "application/octet-stream",
                "\u0001\u0002\u0003",
                "Its body is 3 bytes"),
            row(
                "with lines of JSON",
                400,
                "application/x-ndjson",
                "{'level':'info'}\n{'error':'second line'}",
                "Its error is: second line"),
            row(
                "of nginx",
                502,
                "text/html",
                "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body></body></html>",
                "exempt the address")));
  }

  private static Fault row(String[] cells, String body) {
    String[] seen = Arrays.copyOfRange(cells, 3, cells.length);
    return row(cells[0], Integer.parseInt(cells[1]), cells[2], body, seen);
  }

  private static Stream<Fault> challenges() {
    String challenge = "Bearer error=\"invalid_token\", error_description=\"is gone\"";
    return Stream.of(
        judged("with a challenge", 401, Map.of("WWW-Authenticate", challenge), "")
            .seen("Its WWW-Authenticate is: Bearer error=", "is gone"),
        judged("of gRPC-Web", 403, Map.of("grpc-status", "7", "grpc-message", "no grant"), "")
            .seen("Its grpc-status is: 7", "Its grpc-message is: no grant"),
        judged("that asks for a day", 503, Map.of("Retry-After", "86400"), "")
            .seen("Retry-After 86400 s"));
  }

  private static Fault row(String name, int status, String type, String body, String... seen) {
    String sent = body.replace('\'', '"').replace("SECRET", Scene.SECRET);
    return judged(name, status, Map.of("Content-Type", type), sent)
        .seen("The token endpoint ORIGIN/token answered status " + status, type)
        .seen(seen);
  }

  private static Fault judged(String name, int status, Map<String, String> headers, String body) {
    Fault fault =
        Fault.of("an error " + name, scene -> scene.upstream(Reply.of(status, headers, body)))
            .nowhere(Scene.SECRET, "s3cr3t-of", "YnJva2VyOnMzY3IzdC1vZi10aGUtYnJva2Vy");
    boolean page = "text/html".equals(headers.get("Content-Type"));
    if (body.contains("invalid_grant")) {
      return fault.caller("UPSTREAM_CREDENTIAL_REFUSED");
    }
    if (status < 500 && page) {
      return fault.upstream("UPSTREAM_ANSWER_MALFORMED").log("Upstream SLUG fails: ");
    }
    return switch (status) {
      case 400 -> fault.operator("UPSTREAM_REQUEST_REFUSED").log("Upstream SLUG refuses ");
      case 401 -> fault.operator("UPSTREAM_CLIENT_REFUSED").log("Upstream SLUG fails: ");
      case 403 -> fault.operator("UPSTREAM_NOT_PERMITTED").log("Upstream SLUG refuses ");
      default -> fault.upstream("UPSTREAM_UNAVAILABLE").log("Upstream SLUG fails: ");
    };
  }
}
