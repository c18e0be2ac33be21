// Lines from the middle of functions, queries, scripts and pages. Written for this purpose; no line of any project.
#include "training/fit/background_texts.h"

namespace logsieve {

const std::string_view kBackgroundFunctions = R"text(
if len(parts) != 2 {
return nil, errors.New("empty name")
return fmt.Errorf("reading %s: %w", path, err)
buf := bytes.NewBuffer(nil)
for scanner.Scan() {
if _, err := io.Copy(dst, src); err != nil {
n, err := strconv.Atoi(s[i:j])
x.lock.Lock()
out = append(out, item.key...)
func (p *parser) expect(kind tokenKind) token {
func max(a, b int) int {
p.next()
case '\n', '\r', '\t':
if c >= 'a' && c <= 'f' {
return c - 'a' + 10, true
switch op := n.Op(); op {
type visitor struct {
children []*node
parent   *node `json:"-"`
Width  int    `json:"width,omitempty"`
var ErrTooShort = errors.New("text: too short")
kindLeaf = iota
t.Fatalf("got %v, want %v", got, want)
t.Run(tt.name, func(t *testing.T) {
{"empty", "", 0, false},
{in: "a,b", sep: ',', want: []string{"a", "b"}},
if got := Reverse(tc.in); got != tc.want {
for len(queue) > 0 {
copy(dst[n:], src)
ctx, cancel := context.WithTimeout(context.Background(), time.Second)
wg.Add(1)
close(done)
u := *base
s.cells[y][x] = cell{r: r, style: style}
w.Header().Set("Content-Type", "text/plain")
http.HandleFunc("/draw", s.draw)
tmpl := template.Must(template.New("page").Parse(page))
sort.Slice(names, func(i, j int) bool { return names[i] < names[j] })
if v, ok := x.(fmt.Stringer); ok {
h ^= uint32(b); h *= prime32
import ( "bufio"; "os" )
func init() { register("gif", decode) }
//go:build linux && amd64
const ( Sunday Day = iota
m := make(map[rune]int, len(s))
func Map[T, U any](xs []T, f func(T) U) []U {
x := y << 3 & mask
return strings.TrimSuffix(name, ext) + ".html"
typ := reflect.TypeOf(v).Elem()
o.Do(func() { instance = build() })
e.depth--
if !unicode.IsSpace(r) { break }
*p = append(*p, 0)
lo, hi := 0, len(a)
sum += float64(v) * weights[i]
let mut out = Vec::with_capacity(self.len());
self.rows.iter().map(|r| r.len()).max().unwrap_or(0)
.filter_map(|x| x.ok())
.collect::<Result<Vec<_>, _>>()?;
match self.peek() {
Token::Ident(name) => Expr::Var(name.to_owned()),
Some(c) if c.is_alphanumeric() => self.word(),
None => return Err(ParseError::UnexpectedEnd),
_ => unreachable!(),
impl fmt::Display for Matrix {
impl From<io::Error> for Failure {
write!(f, "({}, {})", self.x, self.y)
fn next(&mut self) -> Option<Self::Item> {
where T: Ord + Copy,
pub(crate) fn split_at(mut self, at: usize) -> (Self, Self) {
while let Some(top) = stack.pop() {
let Ok(value) = text.parse::<f32>() else { continue };
let (left, right) = slice.split_at_mut(mid);
unsafe { *ptr.add(i) = value }
#[test] fn reverses_an_empty_list() {
#[inline] #[must_use]
let shared = Arc::new(Mutex::new(Vec::new()));
thread::spawn(move || tx.send(square(n)).unwrap());
pub type Grid = [[Option<Piece>; 8]; 8];
const EMPTY: &str = "";
if x.is_none() { return; }
*count.entry(word).or_insert(0) += 1;
Box::new(move |x| x + n)
let bytes = s.as_bytes();
assert!(matches!(shape, Shape::Square { .. }));
use std::{fmt, io::{self, Read}};
x.wrapping_mul(31).wrapping_add(u32::from(b))
for window in points.windows(2) {
return new Point(x + dx, y + dy);
this.listeners = new CopyOnWriteArrayList<>();
if (o == null || getClass() != o.getClass()) return false;
int result = 17; result = 31 * result + name.hashCode();
while (it.hasNext()) { visit(it.next()); }
private static <T> void swap(T[] a, int i, int j) {
char c = text.charAt(pos++);
StringBuilder sb = new StringBuilder();
sb.append('[').append(i).append(']');
try (Reader in = Files.newBufferedReader(path)) {
return Optional.ofNullable(cache.get(key));
map.computeIfAbsent(k, x -> new ArrayList<>()).add(v);
.sorted(Comparator.comparing(Book::getYear).reversed())
public enum Suit { CLUBS, DIAMONDS, HEARTS, SPADES }
abstract class Vehicle { abstract int wheels(); }
@Test void addsFractions() { assertEquals(half, quarter.plus(quarter)); }
@Autowired private BookRepository books;
@GetMapping("/books/{id}")
public record Pair<A, B>(A first, B second) {}
default -> throw new AssertionError();
long start = System.nanoTime();
final var iterator = words.listIterator();
frame.setDefaultCloseOperation(JFrame.EXIT_ON_CLOSE);
interface Shape permits Circle, Square { double area(); }
} else if (node.right == null) {
return left == null ? right : left;
@SuppressWarnings("unchecked") T[] copy = (T[]) new Object[n];
g.drawLine(x0, y0, x1, y1);
size = Math.max(size, minimum);
static inline unsigned rotl(unsigned x, int k)
*dst++ = *src++;
while (*p == ' ' || *p == '\t') p++;
if (!(t = malloc(sizeof *t))) return NULL;
t->refs = 1; t->data = NULL;
for (p = list; p; p = p->next) n++;
return !strncmp(s, prefix, strlen(prefix));
case ELEMENT: depth++; /* fall through */
err: free(line); return ret;
if (fread(&hdr, sizeof hdr, 1, fp) != 1) goto err;
x = (x & 0x55555555) + ((x >> 1) & 0x55555555);
#define container_of(ptr, type, member) ((type *)((char *)(ptr) - offsetof(type, member)))
#define foreach(i, n) for (int i = 0; i < (n); i++)
#define PI 3.14159265358979
#define ROUND_UP(x, n) (((x) + (n) - 1) / (n) * (n))
#define GARDEN_VERSION_MAJOR 3
extern const struct shape_ops circle_ops;
static struct option longopts[] = {
{ "width", required_argument, NULL, 'w' },
{ NULL, 0, NULL, 0 }
.open = tree_open, .close = tree_close,
char *end; long v = strtol(s, &end, 10);
qsort(words, n, sizeof *words, compare);
putchar(i % 8 == 7 ? '\n' : ' ');
u8 *row = img->pixels + y * img->stride;
if (x0 > x1) { int t = x0; x0 = x1; x1 = t; }
return (struct pair){ a, b };
__attribute__((noreturn)) void panic_at(int line);
int (*compare)(const void *, const void *);
size_t len, cap; char **items;
uint16_t crc = 0xffff;
va_start(ap, fmt); vsnprintf(buf, sizeof buf, fmt, ap); va_end(ap);
do { c = next(); } while (isspace(c));
GLuint shader = glCreateShader(GL_VERTEX_SHADER);
std::string out; out.reserve(text.size() * 2);
return std::accumulate(v.begin(), v.end(), 0.0) / v.size();
if (auto* circle = dynamic_cast<Circle*>(shape)) circle->grow(2);
std::lock_guard<std::mutex> hold(mutex_);
Stack(Stack&& other) noexcept : items_(std::exchange(other.items_, nullptr)) {}
bool operator<(const Date& o) const { return std::tie(y, m, d) < std::tie(o.y, o.m, o.d); }
template <typename... Args> void emit(Args&&... args);
constexpr auto kTable = make_table(std::make_index_sequence<256>{});
using iterator = typename Base::iterator;
enum class Axis : char { X, Y, Z };
auto f = [this, n = std::move(n)]() mutable { return n--; };
std::ranges::sort(people, {}, &Person::age);
requires std::integral<T>
~Canvas() override = default;
private: Node* root_ = nullptr; std::size_t size_ = 0;
EXPECT_THAT(walk(tree), ElementsAre(1, 2, 3));
result.append(prefix + name[len(base):])
node = node.left if key < node.key else node.right
return [row[:] for row in grid]
if not 0 <= x < self.width:
self._handlers.setdefault(kind, []).append(handler)
return super().__new__(cls, *args)
kwargs.pop('indent', None)
text = re.sub(r'\s+', ' ', text).strip()
head, _, tail = path.rpartition('/')
yield (i, j), board[i][j]
while True: chunk = source.read(8192)
if not chunk: break
except StopIteration: return default
return hash((self.name, tuple(self.args)))
item = heapq.heappop(heap)
depth = sum(c == '(' for c in text)
out[k] = v.copy() if isinstance(v, dict) else v
with self.assertRaises(ZeroDivisionError):
self.assertIn('oak', trees)
@pytest.mark.parametrize("a, b", [(1, 2), (3, 4)])
raise SyntaxError('unexpected %r at line %d' % (tok, line))
raise AttributeError(name) from None
if isinstance(a, complex): return NotImplemented
def __exit__(self, *exc): self.close(); return False
def __getattr__(self, name: str) -> Any:
def area(self): return self.w * self.h
def _parse_args(argv=None):
def setdefault(self, key, default=None):
def test_empty(self): self.assertEqual(list(chunks([], 3)), [])
async with session.get(address) as response:
await asyncio.gather(*tasks)
loop.call_later(delay, self._tick)
nonlocal count; count += 1
x = struct.unpack('>HHI', data[:8])
_cache: Dict[str, "Shape"] = {}
T = TypeVar("T", bound="Base")
__slots__ = ('x', 'y', '_hash')
self.__dict__.update(state)
sys.exit(main(sys.argv[1:]))
print(*row, sep='\t', file=out)
return sorted(set(a) | set(b), key=str.lower)
if sys.version_info < (3, 8):
elif char in '([{': stack.append(char)
y_pred = model.predict(X_test)
model.add(Dense(64, activation='relu'))
loss.backward(); optimizer.step()
ax.set_xlabel('age'); ax.legend()
df['ratio'] = df['height'] / df['weight']
app.route('/books/<int:number>')(show_book)
name = models.CharField(max_length=80, blank=True)
path('authors/', views.authors, name='authors'),
'indent': 4, 'sort_keys': True,
"title": _("Table of contents"),
(r'[0-9]+', NUMBER), (r'[a-z]\w*', NAME),
('--depth', {'type': int, 'default': 3}),
0x7f: 'DEL', 0x1b: 'ESC',
[None, 'a', 'b', ('c', 1)],
INDENT = ' ' * 4
TOKENS = frozenset(['+', '-', '*', '/'])
is_open = property(lambda self: not self._closed)
return a if a.rank >= b.rank else b
for (const child of node.children ?? []) visit(child, depth + 1);
const copy = { ...options, depth: options.depth - 1 };
if (a === undefined || b === null) return NaN;
export async function* lines(stream) {
this.state = { open: false, items: [] };
return <li key={item.id} onClick={select}>{item.name}</li>;
useEffect(() => { document.title = title; }, [title]);
const [first, ...rest] = list;
ctx.fillRect(x * cell, y * cell, cell - 1, cell - 1);
let timer = null; clearTimeout(timer);
Object.defineProperty(proto, 'length', { get() { return this.n; } });
function debounce(fn, wait) { let t; return (...a) => { clearTimeout(t); t = setTimeout(fn, wait, ...a); }; }
describe('stack', () => { beforeEach(() => { s = new Stack(); }); });
readonly kind: 'circle' | 'square';
export type Handler<T = void> = (event: Event) => T;
private render(): string { return `<b>${this.label}</b>`; }
declare module "*.svg" { const url: string; export default url; }
for(var r=[],i=0;i<t.length;i++)r[i]=n(t[i]);return r}
!function(e){"use strict";var t=e.fn;t.fold=function(){return this}}(jQuery);
switch(e.keyCode){case 37:left();break;case 39:right()}
if (!(this instanceof Shape)) return new Shape(name);
arr.splice(index, 1);
$.each(rows, function (i, row) { $(row).toggle(i < 10); });
path.node.arguments.length > 0 &&
"scripts": { "build": "rollup -c", "test": "jest" },
@click="toggle" :class="{ active: isOpen }"
v-for="book in books" :key="book.id"
WITH ranked AS (SELECT *, row_number() OVER (PARTITION BY author ORDER BY year) AS n FROM books)
SELECT DISTINCT city FROM addresses WHERE country IN ('FR', 'BE');
AND o.total > (SELECT avg(total) FROM orders)
INNER JOIN loans l ON l.book_id = b.id AND l.returned IS NULL
DELETE FROM loans WHERE returned < now() - interval '1 year';
ON CONFLICT (name) DO UPDATE SET count = words.count + 1;
CONSTRAINT positive CHECK (price > 0),
FOREIGN KEY (author_id) REFERENCES authors (id) ON DELETE CASCADE,
created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
CREATE OR REPLACE FUNCTION age(d date) RETURNS int AS $$
DROP TABLE IF EXISTS recipes;
CASE WHEN grade >= 90 THEN 'A' WHEN grade >= 80 THEN 'B' ELSE 'C' END
for arg in "$@"; do
if ! command -v convert >/dev/null; then
trap 'rm -rf "$tmp"' EXIT
name=${file##*/}; name=${name%.*}
[[ $line =~ ^([a-z]+)=(.*)$ ]] && key=${BASH_REMATCH[1]}
while getopts "hn:v" opt; do
cat <<EOF > "$out"
set -euo pipefail
printf '%-20s %5d\n' "$name" "$count"
usage() { echo "usage: ${0##*/} [-n] file..." >&2; exit 2; }
ls -1 | while IFS= read -r f; do
awk 'NR > 1 { s += $3 } END { print s / (NR - 1) }' table.txt
cut -d: -f1 names | sort -u > list
test -f "$1" && . "$1"
else echo "$x"; fi
esac
$(OBJS): %.o: %.c tree.h
install: all ; install -m 755 garden $(DESTDIR)$(PREFIX)/bin
.PHONY: clean
foreach(name IN LISTS names)
find_package(PNG REQUIRED)
RUN pip install --no-cache-dir flask
ENTRYPOINT ["python3", "app.py"]
image: python:3.11-slim
- name: Install tools
runs-on: ubuntu-latest
resource "aws_instance" "web" { ami = var.ami }
spec: { replicas: 2, selector: { matchLabels: { app: garden } } }
[dependencies] serde = { version = "1", features = ["derive"] }
<tr><th scope="row">Oak</th><td>25 m</td></tr>
<label for="age">Age</label> <input id="age" type="number" min="0">
<link rel="stylesheet" href="style.css">
<img src="tree.png" alt="A tree" width="200">
<form action="/search" method="get">
<nav class="menu"><a href="/">Home</a> | <a href="/map">Map</a></nav>
<path d="M10 10 L90 90" stroke="black" fill="none"/>
<xsl:for-each select="book/author">
<property name="width" value="12"/>
{% for post in posts %}<h2>{{ post.title }}</h2>{% endfor %}
<%= link_to book.title, book_path(book) %>
&copy; 2020 The Garden Club &mdash; all rights reserved
display: grid; grid-template-columns: 1fr 2fr;
a:hover, a:focus { text-decoration: underline; }
@keyframes fade { from { opacity: 0 } to { opacity: 1 } }
.menu li + li { border-left: 1px solid #ccc }
transition: all .3s ease-in-out;
$primary: darken($blue, 10%);
my %h = map { $_ => 1 } @keys;
return wantarray ? @found : $found[0];
for my $i (0 .. $#array) {
$x->{width} ||= 80;
open(my $fh, '<', $name) or return;
($a, $b) = ($b, $a) if $a > $b;
s/^\s+//, s/\s+$// for @fields;
print {$out} join("\t", @$row), "\n";
elsif ($arg =~ /^--(\w+)=(.*)/) {
use overload '+' => \&add, '""' => \&as_string;
local $/ = undef; my $text = <$fh>;
bless $self, ref($class) || $class;
=over 4
__END__
unless (exists $seen{lc $word}) {
sub _init { my ($self, %opt) = @_;
@sorted = sort { $a->[1] <=> $b->[1] } @pairs;
&$callback($node) if defined &$callback;
$total += $_ foreach values %prices;
wantarray or die;
return $this->render('index.html.twig', ['books' => $books]);
foreach ($rows as $i => $row): ?>
private ?string $title = null;
list($w, $h) = getimagesize($file);
before { @list = List.new }
items.select(&:odd?).inject(0) { |s, x| s + x }
rescue ZeroDivisionError => e
raise ArgumentError, "negative" if n < 0
has_many :chapters, dependent: :destroy
expect(subject.size).to eq 3
end.join("\n")
func application(_ app: UIApplication) -> Bool {
if let url = URL(string: text) { open(url) }
@Published var items: [Item] = []
struct ContentView: View { var body: some View { Text("Hello") } }
override fun onCreateView(inflater: LayoutInflater): View? {
when (shape) { is Circle -> shape.radius; else -> 0.0 }
val words by lazy { text.split(" ") }
companion object { const val MAX = 10 }
def foldLeft[B](z: B)(op: (B, A) => B): B =
case Some(x) if x > 0 => x
for { a <- xs; b <- ys } yield (a, b)
public IEnumerable<Node> Children => children.AsReadOnly();
get { return _width; } set { _width = value; }
[HttpPost] public ActionResult Save(BookModel model)
await using var stream = File.OpenRead(path);
if (!dict.TryGetValue(key, out var value)) value = 0;
foldr (\x acc -> f x : acc) [] xs
newtype Parser a = Parser { runParser :: String -> Maybe (a, String) }
| otherwise = go (n - 1) (acc * n)
do { x <- get; put (x + 1) }
(loop for i from 1 to 10 collect (* i i))
(let [xs (map inc coll)] (reduce + xs))
(setq indent-tabs-mode nil)
(defun my-square (x) "Return the square of X." (* x x))
| [] -> acc | h :: t -> rev (h :: acc) t
defmodule Tree do def size(nil), do: 0
receive {From, Msg} -> From ! {self(), Msg}, loop() end.
table.insert(list, 1, value)
if #stack == 0 then return nil, "empty" end
nnoremap <leader>w :w<CR>
let g:tree_width = 30
plot(x, y, type = "l", col = "blue")
model <- lm(weight ~ height + age, data = people)
ylim([0 1]); hold on; grid on
end function area
integer, parameter :: n = 10
push rbp
mov rdi, qword ptr [rsi + 8*rax]
lea eax, [rdi + rdi*4]
.globl main
bne r1, r2, loop
assign sum = a ^ b ^ cin;
signal count : unsigned(7 downto 0);
float d = length(p) - 0.5; color = mix(a, b, smoothstep(0.0, 0.01, d));
layout(location = 0) in vec3 position;
\frac{a}{b} + \sqrt{x^2 + y^2} = \sum_{i=1}^{n} x_i
\begin{tabular}{l|r} name & age \\ \hline
message Book { string title = 1; repeated string authors = 2; }
rpc GetBook (BookRequest) returns (Book);
query { author(id: 7) { name books { title } } }
fragment parts on Tree { leaves { colour } }
diff --git a/tree.c b/tree.c
@@ -10,7 +10,9 @@ int main(void)
-    return left + right;
+  if (depth > limit) return;
KEY_LEFT, KEY_RIGHT, KEY_UP, KEY_DOWN,
MODE_APPEND = 1 << 3
SHAPE_MAX
"oak": "Quercus", "beech": "Fagus",
'A': '.-', 'B': '-...',
('Mon', 'Tue', 'Wed'),
{ 3, 1, 2 }, { 6, 4, 5 },
a, b, c = c, a, b
i = j + 1; k--;
return self
return result;
else:
});
} finally {
} // namespace garden
// walk the left branch first, since it is usually shorter
// negative numbers are handled by the caller
/* skip the header */
# strip the suffix and try once more
-- each author with the number of his books
* the tree is never empty here
<!-- end of the menu -->
;; keep the point where it was
" toggle the tree
% plot both curves
)text";

}  // namespace logsieve
