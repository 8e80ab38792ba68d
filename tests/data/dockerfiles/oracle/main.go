package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"os"
	"strings"

	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/solver/pb"
	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

type meta struct{}

func (meta) ResolveSourceMetadata(ctx context.Context, op *pb.SourceOp, opt sourceresolver.Opt) (*sourceresolver.MetaResponse, error) {
	c := ocispecs.Image{}
	c.OS = "linux"
	c.Architecture = "amd64"
	c.RootFS.Type = "layers"
	dt, _ := json.Marshal(c)
	return &sourceresolver.MetaResponse{Op: op, Image: &sourceresolver.ResolveImageResponse{Digest: digest.FromBytes(dt), Config: dt}}, nil
}
func (meta) ResolveImageConfig(ctx context.Context, ref string, opt sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	c := ocispecs.Image{}
	c.OS = "linux"
	c.Architecture = "amd64"
	c.RootFS.Type = "layers"
	dt, _ := json.Marshal(c)
	return ref, digest.FromBytes(dt), dt, nil
}

type hd struct {
	Name, Content string
	Expand, Chomp bool
}
type ins struct {
	Keyword  string
	Flags    []string
	Args     []string
	JSON     bool
	Start    int
	End      int
	Heredocs []hd
}
type out struct {
	ParseError string
	InstError  string
	LLBError   string
	Ins        []ins
}

func args(node *parser.Node) []string {
	r := []string{}
	for n := node.Next; n != nil; n = n.Next {
		if len(n.Children) == 1 {
			r = append(r, n.Children[0].Value)
			r = append(r, args(n.Children[0])...)
		} else {
			r = append(r, n.Value)
		}
	}
	return r
}

func one(dt []byte) (o out) {
	res, err := parser.Parse(bytes.NewReader(dt))
	if err != nil {
		o.ParseError = err.Error()
		return
	}
	for _, n := range res.AST.Children {
		i := ins{Keyword: n.Value, Flags: n.Flags, Args: args(n), JSON: n.Attributes["json"], Start: n.StartLine, End: n.EndLine}
		for _, h := range n.Heredocs {
			i.Heredocs = append(i.Heredocs, hd{h.Name, h.Content, h.Expand, h.Chomp})
		}
		o.Ins = append(o.Ins, i)
	}
	_, _, err = instructions.Parse(res.AST, linter.New(&linter.Config{}))
	if err != nil {
		o.InstError = err.Error()
	}
	func() {
		defer func() {
			if r := recover(); r != nil {
				o.LLBError = "panic"
			}
		}()
		_, err = dockerfile2llb.Dockerfile2LLB(context.Background(), dt, dockerfile2llb.ConvertOpt{MetaResolver: meta{}})
		if err != nil {
			o.LLBError = strings.SplitN(err.Error(), "\n", 2)[0]
		}
	}()
	return
}

// main reads JSON strings (base64 of a Dockerfile, one per line) and writes what BuildKit makes of each, one per line.
func main() {
	sc := bufio.NewReaderSize(os.Stdin, 1<<20)
	w := bufio.NewWriter(os.Stdout)
	defer w.Flush()
	dec := json.NewDecoder(sc)
	for {
		var b []byte
		if err := dec.Decode(&b); err != nil {
			return
		}
		dt, _ := json.Marshal(one(b))
		w.Write(dt)
		w.WriteByte('\n')
		w.Flush()
	}
}
