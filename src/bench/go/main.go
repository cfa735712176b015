// A plain broker, to compare with: grpc-go, encoding/json and the crypto of the standard library, without rules,
// records, verdicts or limits.
//
//	go-broker PORT JWKS hit|miss
//
// The key set has one key, for RS256 or ES256. "hit" keeps tokens in a map; "miss" verifies and signs in every call.
package main

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log"
	"math/big"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "tokenbroker.dev/bench/brokerpb"
)

const (
	issuer       = "https://load.example"
	address      = "https://broker.example"
	lifetime     = 10 * time.Minute
	bytesOfP256  = 32
	mintedHeader = `{"alg":"ES256","typ":"at+jwt","kid":"go"}`
)

var (
	base64url    = base64.RawURLEncoding
	errMalformed = errors.New("the credential is malformed")
	errSignature = errors.New("the signature does not match")
	errClaims    = errors.New("the claims are not accepted")
)

type broker struct {
	pb.UnimplementedTokenBrokerServer
	verify  func(digest, signature []byte) bool
	signing *ecdsa.PrivateKey
	keeps   bool
	kept    sync.Map
}

func (b *broker) ExchangeToken(_ context.Context, request *pb.ExchangeTokenRequest) (*pb.ExchangeTokenResponse, error) {
	id := sha256.Sum256([]byte(request.Audience + "\x00" + request.SubjectToken))
	if b.keeps {
		if kept, found := b.kept.Load(id); found {
			return kept.(*pb.ExchangeTokenResponse), nil
		}
	}
	claims, err := b.accept(request.SubjectToken)
	if err != nil {
		return nil, status.Error(codes.Unauthenticated, err.Error())
	}
	now := time.Now()
	response, err := b.mint(claims["sub"], request.Audience, base64url.EncodeToString(id[:16]), now)
	if err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	if b.keeps {
		b.kept.Store(id, response)
	}
	return response, nil
}

func (b *broker) accept(credential string) (map[string]any, error) {
	parts := strings.Split(credential, ".")
	if len(parts) != 3 {
		return nil, errMalformed
	}
	signature, err := base64url.DecodeString(parts[2])
	if err != nil {
		return nil, errMalformed
	}
	digest := sha256.Sum256([]byte(credential[:len(parts[0])+1+len(parts[1])]))
	if !b.verify(digest[:], signature) {
		return nil, errSignature
	}
	payload, err := base64url.DecodeString(parts[1])
	if err != nil {
		return nil, errMalformed
	}
	var claims map[string]any
	if json.Unmarshal(payload, &claims) != nil {
		return nil, errMalformed
	}
	expires, _ := claims["exp"].(float64)
	if claims["iss"] != issuer || claims["aud"] != address || claims["repository"] != "acme/payments" ||
		int64(expires) <= time.Now().Unix() {
		return nil, errClaims
	}
	return claims, nil
}

func (b *broker) mint(subject any, audience, id string, now time.Time) (*pb.ExchangeTokenResponse, error) {
	expires := now.Add(lifetime)
	claims, err := json.Marshal(map[string]any{
		"iss": address, "sub": subject, "aud": audience, "jti": id,
		"iat": now.Unix(), "exp": expires.Unix(), "scope": "deploy read",
	})
	if err != nil {
		return nil, err
	}
	input := base64url.EncodeToString([]byte(mintedHeader)) + "." + base64url.EncodeToString(claims)
	digest := sha256.Sum256([]byte(input))
	r, s, err := ecdsa.Sign(rand.Reader, b.signing, digest[:])
	if err != nil {
		return nil, err
	}
	signature := make([]byte, 2*bytesOfP256)
	r.FillBytes(signature[:bytesOfP256])
	s.FillBytes(signature[bytesOfP256:])
	return &pb.ExchangeTokenResponse{
		AccessToken: input + "." + base64url.EncodeToString(signature),
		TokenType:   "Bearer",
		ExpireTime:  timestamppb.New(expires),
		Scopes:      []string{"deploy", "read"},
	}, nil
}

// verifier returns the check of a signature by the only key of a key set.
func verifier(path string) func(digest, signature []byte) bool {
	text, err := os.ReadFile(path)
	failOn(err)
	var set struct {
		Keys []struct{ Kty, N, E, X, Y string }
	}
	failOn(json.Unmarshal(text, &set))
	key := set.Keys[0]
	if key.Kty == "RSA" {
		public := &rsa.PublicKey{N: number(key.N), E: int(number(key.E).Int64())}
		return func(digest, signature []byte) bool {
			return rsa.VerifyPKCS1v15(public, crypto.SHA256, digest, signature) == nil
		}
	}
	public := &ecdsa.PublicKey{Curve: elliptic.P256(), X: number(key.X), Y: number(key.Y)}
	return func(digest, signature []byte) bool {
		return len(signature) == 2*bytesOfP256 && ecdsa.Verify(public, digest,
			new(big.Int).SetBytes(signature[:bytesOfP256]), new(big.Int).SetBytes(signature[bytesOfP256:]))
	}
}

func number(encoded string) *big.Int {
	bytes, err := base64url.DecodeString(encoded)
	failOn(err)
	return new(big.Int).SetBytes(bytes)
}

func failOn(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	if len(os.Args) != 4 {
		log.Fatal("PORT JWKS hit|miss")
	}
	signing, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	failOn(err)
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Args[1])
	failOn(err)
	server := grpc.NewServer()
	pb.RegisterTokenBrokerServer(server, &broker{verify: verifier(os.Args[2]), signing: signing, keeps: os.Args[3] == "hit"})
	failOn(server.Serve(listener))
}
