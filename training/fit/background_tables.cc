// Rows of tables in source code, declarations, short statements. Written for this purpose; no line of any project.
#include "training/fit/background_texts.h"

namespace logsieve {

const std::string_view kBackgroundTables = R"text(
{"north", North, 0, -1},
{"plum", 5, true},
{name: "add", args: 2, fn: add},
{name: "square", argc: 1, pure: true, kind: "unary"},
{op: opAdd, prec: 4, assoc: left, text: "+"},
{Name: "width", Type: "int", Default: "80", Help: "width of the page"},
{in: "3 + 4", out: 7},
{in: "((a)", err: true},
{"a.b.c", []string{"a", "b", "c"}},
{0x41, 0x5a, 1}, // capital letters
{Lo: 0x0400, Hi: 0x04ff, Stride: 1},
{"é", "e\u0301"},
{desc: "two empty lists", a: nil, b: nil, want: true},
{x: 1, y: 2}, {x: 3, y: 4},
opPush: "push",
opJump: {2, "jump", jumpFn},
tokPlus: "+", tokMinus: "-",
case opAdd, opSub, opMul:
case *ast.Leaf, *ast.Branch:
case 1, 2, 3:
case 'a' <= c && c <= 'z':
case kindString: return v.s
case SHAPE_CIRCLE: return circle_area(s);
case 0x1b: state = ESCAPE; break;
return op == opAdd || op == opSub
return p.x == q.x && p.y == q.y
return x.(*Circle).radius
return len(s) >= len(t) && s[:len(t)] == t
return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16
return append(list[:i], list[i+1:]...)
func (l byLength) Less(i, j int) bool { return len(l[i]) < len(l[j]) }
func (n *node) insert(key string, value any) *node {
func (c Colour) String() string { return names[c] }
func isVowel(r rune) bool {
func readAll(t *testing.T, name string) []byte {
func BenchmarkSort(b *testing.B) {
func ExampleReverse() {
func NewCanvas(w, h int, opts ...Option) (*Canvas, error) {
type Matrix [4][4]float64
type Shape interface { Area() float64; Scale(k float64) }
type byName []*Person
type pair[K comparable, V any] struct { key K; value V }
type point struct{ x, y int }
Left, Right *Tree
Title string `xml:"title,attr"`
mu    sync.RWMutex
next  func() (rune, bool)
dirs  map[string]*dir // by full name
count int64  // of leaves below
tail  *entry
width, height float64
var pool = sync.Pool{New: func() any { return new(buffer) }}
var table = [...]int{3, 1, 4, 1, 5}
var _ Shape = (*Circle)(nil)
var x, y = 0.0, 1.0
const eps = 1e-9
const digits = "0123456789abcdef"
const (
flagBold = 1 << iota
Monday Weekday = iota + 1
for i := range a {
for i, j := 0, len(s)-1; i < j; i, j = i+1, j-1 {
for k, v := range in.fields {
for p := list; p != nil; p = p.next {
for { r := l.next(); if r == eof { break } }
if a, b := f(x), g(x); a != b {
if x < 0 || x >= w { continue }
if !ok || v.kind != kindList {
if s == "" { return "", false }
if n.left == nil && n.right == nil {
if want := 12; got != want { t.Errorf("got %d, want %d", got, want) }
} else if strings.HasPrefix(s, "--") {
switch { case x > y: return 1
switch len(args) {
i, j = j, i
a[i], a[j] = a[j], a[i]
s.top++
v := v
d := p.Sub(q)
c.pos += n
out[len(out)-1] = '}'
n := copy(b, s)
sc := bufio.NewScanner(r)
z := new(big.Int).Mul(x, y)
dst := make([]T, len(src))
seen[key] = struct{}{}
fn := func(x int) int { return x * x }
re := regexp.MustCompile(`[a-z]+`)
s = append(s, node{kind: leaf, depth: d})
p.tok, p.lit = p.scan()
panic("unreachable")
<-done
go func() { defer wg.Done(); walk(n) }()
defer func() { recover() }()
import "math/rand"
. "garden/tree"
goto again
fallthrough
label:
x.f(y).g(z)
'+': ('add', 2), '-': ('sub', 2),
(0, 'zero'), (1, 'one'), (2, 'two'),
'width': 80, 'indent': 2, 'wrap': True,
"jan": 31, "feb": 28, "mar": 31,
['red', 'green'], ['blue', 'white'],
("--width", "-w"), ("--depth", "-d"),
'\u00e4': 'ae', '\u00f6': 'oe',
LEFT, RIGHT, UP, DOWN = range(4)
NORTH = auto()
RED = 'red'
PATTERN = r'(\d+)\s*x\s*(\d+)'
KEYWORDS = {'if', 'else', 'while', 'for'}
default_args = ('-q', '-n', '3')
STATES = [START, NAME, VALUE, DONE] = range(4)
Token.PLUS: operator.add,
attrs = dict(fill='none', stroke='black')
__repr__ = __str__
_get = itemgetter(1, 3)
h = height or self.height
k, v = line.split('=', 1)
args = self.args[1:]
a = b = None
n += len(chunk)
end = text.find(')', start)
p = Path(name).with_suffix('.html')
q = deque([root])
d[k] = d.get(k, 0) + 1
cls = type(self)
parts = [p for p in parts if p]
if x is y or x == y:
if self._value is None: self._value = self._make()
if len(args) == 1 and callable(args[0]):
if kind in ('leaf', 'bud'):
elif c == '\\':
for x, row in enumerate(grid):
for base in cls.__mro__[1:]:
while n > 1: n = n // 2 if n % 2 == 0 else 3 * n + 1
try: n = int(text)
except (TypeError, IndexError): pass
return f(*args, **kw)
return [], None
return iter(self._items)
return "".join(reversed(s))
return d[max(d)] if d else 0
raise IndexError("pop from an empty stack")
raise type(e)(str(e)) from e
def keys(self): return list(self)
def __eq__(self, other): return self.key == other.key
def apply(f, xs, *, start=0):
class Leaf(Node): __slots__ = ()
class Config(NamedTuple): width: int = 80
from itertools import chain, islice
assert n >= 0, "n must not be negative"
del stack[-1]
with suppress(KeyError): del d[k]
yield x; yield from rest
print(repr(tree), end='')
lambda m: m.group(1).upper(),
KEYWORD("while", T_WHILE)
DEFINE_SHAPE(circle, 1)
#define FLAG_BOLD (1u << 0)
#define MAX_NAME 255 /* without the zero */
#define IS_LEAF(n) (!(n)->left && !(n)->right)
#define TREE_FOR_EACH(t, n) \
enum shape_kind { SHAPE_NONE, SHAPE_CIRCLE, SHAPE_SQUARE };
struct rule { const char *name; int weight; rule_fn *fn; };
typedef enum { LEFT = -1, NONE, RIGHT } side_t;
typedef struct tree tree_t;
extern int tree_depth(const tree_t *t);
int tree_insert(tree_t *t, const char *key, void *value);
void (*free_fn)(void *);
const unsigned char *in, *end;
unsigned depth : 4;
double x[3], y[3];
int32_t left, right;
char *s = NULL;
TREE_EXPORT void tree_free(tree_t *t);
[OP_ADD] = "add", [OP_SUB] = "sub",
{ .name = "oak", .height = 30 },
{ "apple", 52, 0.3 },
&left_turn, &right_turn, NULL
static const int days[12] = { 31, 28, 31, 30 };
)text";

}  // namespace logsieve
